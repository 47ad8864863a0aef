/* HTTPS as a client of ours speaks it: certificates are checked, nothing is
   followed or repeated, and every call is written down for the test that asks
   whether each route was called. */
import https from 'node:https';
import http from 'node:http';
import tls from 'node:tls';
import net from 'node:net';

export const kept = new https.Agent({ keepAlive: true, maxSockets: 64 });

export class Answer {
  constructor(message, body) {
    this.status = message.statusCode;
    this.headers = message.headers;
    this.rawHeaders = message.rawHeaders;
    this.body = body;
    this.text = body.toString('utf8');
  }

  get json() {
    try {
      return JSON.parse(this.text);
    } catch {
      throw new Error(`no JSON: ${this.status} ${this.text.slice(0, 200)}`);
    }
  }

  /* How often a header was sent. */
  count(name) {
    const names = this.rawHeaders.filter((_, i) => i % 2 === 0);
    return names.filter((sent) => sent.toLowerCase() === name.toLowerCase()).length;
  }
}

const bodyOf = (body) =>
  body === undefined || typeof body === 'string' || Buffer.isBuffer(body)
    ? body
    : JSON.stringify(body);

export class Client {
  constructor({ port, httpPort, ca }) {
    Object.assign(this, { port, httpPort, ca, calls: [] });
  }

  send(method, path, { body, headers = {}, token, agent = kept, plain = false } = {}) {
    const bytes = bodyOf(body);
    const all = { ...headers };
    const has = (name) => Object.keys(all).some((key) => key.toLowerCase() === name);
    if (bytes !== undefined && !has('content-type')) all['Content-Type'] = 'application/json';
    if (token) all.Authorization = `Bearer ${token}`;
    if (!['GET', 'HEAD'].includes(method) && !has('transfer-encoding'))
      all['Content-Length'] = Buffer.byteLength(bytes ?? '');
    const options = {
      method, path, headers: all, host: '127.0.0.1', servername: 'localhost',
      port: plain ? this.httpPort : this.port, ca: this.ca, timeout: 60_000,
      agent: plain ? undefined : agent,
    };
    return new Promise((resolve, reject) => {
      const request = (plain ? http : https).request(options, (message) => {
        const parts = [];
        message.on('data', (part) => parts.push(part));
        message.on('error', reject);
        message.on('end', () => {
          this.calls.push({ method, path, status: message.statusCode });
          resolve(new Answer(message, Buffer.concat(parts)));
        });
      });
      request.on('timeout', () => request.destroy(new Error(`no answer: ${method} ${path}`)));
      request.on('error', reject);
      request.end(bytes);
    });
  }

  /* Bytes as they are; what came back until the peer closed. */
  raw(bytes, { plain = false, tlsOptions = {} } = {}) {
    return new Promise((resolve, reject) => {
      const parts = [];
      const done = () => resolve(Buffer.concat(parts).toString('latin1'));
      const socket = plain
        ? net.connect(this.httpPort, '127.0.0.1')
        : tls.connect({ port: this.port, host: '127.0.0.1', servername: 'localhost', ca: this.ca, ...tlsOptions });
      socket.setTimeout(30_000, () => socket.destroy(new Error('no answer')));
      socket.on('data', (part) => parts.push(part));
      socket.on('end', done);
      /* A server that refuses while we still write may reset. */
      socket.on('error', (error) => (parts.length > 0 ? done() : reject(error)));
      socket.on(plain ? 'connect' : 'secureConnect', () => socket.write(bytes));
    });
  }
}

export const statusOf = (raw) => Number(/^HTTP\/1\.[01] (\d{3})/.exec(raw)?.[1] ?? 0);
