/* TLS, what happens without it, methods, sizes, header twins. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import tls from 'node:tls';
import { kept, statusOf } from '../lib/client.mjs';

const handshake = ({ client }, version) =>
  new Promise((resolve) => {
    const socket = tls.connect({
      port: client.port, host: '127.0.0.1', servername: 'localhost', ca: client.ca,
      minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0',
    });
    socket.on('secureConnect', () => {
      resolve(socket.getProtocol());
      socket.destroy();
    });
    socket.on('error', () => resolve('refused'));
  });

const header = (name, value) => ({ headers: { [name]: value } });

export const tests = [
  ['TLS 1.2 and 1.3, nothing older', async (context) => {
    assert.equal(await handshake(context, 'TLSv1.3'), 'TLSv1.3');
    assert.equal(await handshake(context, 'TLSv1.2'), 'TLSv1.2');
    assert.equal(await handshake(context, 'TLSv1.1'), 'refused');
    assert.equal(await handshake(context, 'TLSv1'), 'refused');
  }],
  ['the certificate that SSL_CERTFILE names is the one that is served', async ({ stack, makeStack }) => {
    const other = makeStack({ workers: [1, 1] });
    const given = join(other.folder, 'given');
    const own = join(other.data, 'tls');
    try {
      for (const folder of [given, own]) mkdirSync(folder, { recursive: true });
      Object.assign(other.settings, { SSL_CERTFILE: join(given, 'chain.pem'), SSL_KEYFILE: join(given, 'private.pem') });
      execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-subj', '/CN=given',
        '-addext', 'subjectAltName=DNS:localhost', '-keyout', other.settings.SSL_KEYFILE, '-out', other.settings.SSL_CERTFILE], { stdio: 'ignore' });
      copyFileSync(other.settings.SSL_CERTFILE, join(own, 'cert.pem')); /* what our client trusts */
      await other.start();
      assert.equal((await other.client.send('GET', '/api/v1/health')).status, 200);
      assert.equal(existsSync(join(own, 'key.pem')), false);
    } finally {
      await other.stop().catch(() => {});
      stack.oldLogs += other.oldLogs;
      other.remove();
    }
  }],
  ['without TLS pages are sent on', async ({ client, stack }) => {
    for (const path of ['/', '/index.html', '/a%20page?x=1&y=2']) {
      const answer = await client.send('GET', path, { plain: true, headers: { Host: `localhost:${client.httpPort}` } });
      assert.equal(answer.status, 301);
      assert.equal(answer.headers.location, `${stack.url}${path}`);
    }
  }],
  ['without TLS the API refuses, with a token or without', async ({ client, people }) => {
    const { access } = await people.make('plain');
    for (const path of ['/api/v1/auth/me', '/api/auth/me', '/api/v1/market/symbols', '/api/v1/nothing', '/health'])
      for (const token of [undefined, access]) {
        const answer = await client.send('GET', path, { plain: true, token });
        assert.equal(answer.status, 403, path);
        assert.equal(answer.json.code, 'plain_http');
        assert.equal(answer.headers.location, undefined);
      }
    const login = await client.send('POST', '/api/v1/auth/login', { plain: true, body: { username: 'a', password: 'b' } });
    assert.equal(login.status, 403);
  }],
  ['a method that a path does not have is 405 with those it has', async ({ client }) => {
    const login = await client.send('DELETE', '/api/v1/auth/login');
    assert.equal(login.status, 405);
    assert.equal(login.headers.allow.includes('POST'), true);
    assert.equal(login.headers.allow.includes('DELETE'), false);
    const strategies = await client.send('DELETE', '/api/v1/strategies');
    assert.match(strategies.headers.allow, /GET/);
    assert.match(strategies.headers.allow, /HEAD/);
    assert.match(strategies.headers.allow, /POST/);
  }],
  ['TRACE and invented methods reach nothing', async ({ client }) => {
    for (const method of ['TRACE', 'TRACK', 'CONNECT', 'get', 'FOO']) {
      const target = method === 'CONNECT' ? 'localhost:1' : '/api/v1/health';
      const raw = await client.raw(`${method} ${target} HTTP/1.1\r\nHost: localhost\r\nX-Echo: reflected\r\nConnection: close\r\n\r\n`);
      assert.ok(statusOf(raw) >= 400 && statusOf(raw) < 600, `${method}: ${raw.slice(0, 80)}`);
      assert.doesNotMatch(raw, /reflected/);
    }
  }],
  ['HEAD answers like GET without a body', async ({ client }) => {
    const get = await client.send('GET', '/api/v1/health');
    const head = await client.send('HEAD', '/api/v1/health');
    assert.equal(head.status, get.status);
    assert.equal(head.body.length, 0);
  }],
  ['bodies up to the limit are read, larger ones are 413, and strangers have a smaller one', async ({ client, people }) => {
    const { access } = await people.make('verbose');
    const body = (size) => `{"username":"x","password":"${'a'.repeat(size - 30)}"}`;
    for (const [path, token, fit, over] of [
      ['/api/v1/strategies/validate', access, 1_000_000, 1_200_000],
      ['/api/v1/auth/login', undefined, 8_000, 9_000],
    ]) {
      const fits = await client.send('POST', path, { token, body: body(fit) });
      assert.equal(fits.status, 400, fits.text.slice(0, 200));
      const large = await client.send('POST', path, { token, body: body(over) });
      assert.equal(large.status, 413);
      assert.equal(large.json.code, 'too_large');
    }
  }],
  ['a chunked body is read like any other', async ({ client, people }) => {
    const person = await people.make('chunky');
    const body = JSON.stringify({ username: person.name, password: person.password });
    const answer = await client.send('POST', '/api/v1/auth/login', { body, ...header('Transfer-Encoding', 'chunked') });
    assert.equal(answer.status, 200, answer.text);
  }],
  ['two lengths, or a length and chunks, are refused', async ({ client }) => {
    const head = 'POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n';
    for (const more of ['Content-Length: 2\r\nContent-Length: 3\r\n', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n',
      'Transfer-Encoding: chunked, identity\r\n', 'Content-Length: -1\r\n', 'Content-Length: 99999999999999999999\r\n']) {
      const status = statusOf(await client.raw(`${head}${more}\r\n0\r\n\r\n`));
      assert.ok(status >= 400, `${JSON.stringify(more)}: ${status}`);
    }
  }],
  ['JSON routes take no other type, so no foreign page can post to them', async ({ client, people }) => {
    const { access } = await people.make('typist');
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonx', '']) {
      const answer = await client.send('POST', '/api/v1/strategies/validate', {
        token: access, body: '{}', ...header('Content-Type', type),
      });
      assert.equal(answer.status, 415, `${type}: ${answer.text}`);
    }
    const answer = await client.send('POST', '/api/v1/strategies/validate', {
      token: access, body: '{}', ...header('Content-Type', 'application/json; charset=utf-8'),
    });
    assert.notEqual(answer.status, 415);
  }],
  ['a twin of a header with underscores or dots gives no access', async ({ client, people }) => {
    const { access } = await people.make('twin');
    const key = await client.send('POST', '/api/v1/keys', { token: access, body: { name: 'twin', scopes: ['strategies:read'] } });
    assert.equal(key.status, 201, key.text);
    const genuine = await client.send('GET', '/api/v1/strategies', header('X-API-Key', key.json.secret));
    assert.equal(genuine.status, 200, genuine.text);
    const alone = await client.send('GET', '/api/v1/strategies', header('X_API_Key', key.json.secret));
    assert.equal(alone.status, 401, alone.text);
    for (const name of ['X_API_Key', 'X.API.Key', 'X_API-Key']) {
      const both = await client.send('GET', '/api/v1/strategies', { headers: { [name]: 'kontor_spoof.spoof', 'X-API-Key': key.json.secret } });
      assert.ok([200, 400].includes(both.status), `${name}: ${both.status}`);
    }
  }],
  ['the client\'s address is that of the connection', async ({ client, people }) => {
    const { access } = await people.make('addressed');
    const headers = { 'X-Forwarded-For': '203.0.113.9', 'X_Forwarded_For': '203.0.113.9', 'X-Real-IP': '203.0.113.9', Forwarded: 'for=203.0.113.9' };
    const answer = await client.send('GET', '/api/v1/auth/sessions', { token: access, headers });
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.text, /127\.0\.0\.1/);
    assert.doesNotMatch(answer.text, /203\.0\.113\.9/);
  }],
  ['a Proxy header changes nothing', async ({ client }) => {
    const answer = await client.send('GET', '/api/v1/health', header('Proxy', 'http://127.0.0.1:1'));
    assert.equal(answer.status, 200);
  }],
  ['credentials in the address are refused', async ({ client, people }) => {
    const { access } = await people.make('leaky');
    for (const query of [`access_token=${access}`, `token=${access}`, 'api_key=x', 'password=x'])
      for (const token of [undefined, access])
        assert.equal((await client.send('GET', `/api/v1/auth/me?${query}`, { token })).status, 400);
  }],
  ['two kinds of credentials on one request are refused', async ({ client, people }) => {
    const { access } = await people.make('doubled');
    const answer = await client.send('GET', '/api/v1/auth/me', { token: access, ...header('X-API-Key', 'kontor_a.b') });
    assert.equal(answer.status, 400, answer.text);
  }],
  ['many requests on one connection are all answered', async ({ client }) => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => client.send('GET', '/api/v1/health', { agent: kept })));
    assert.ok(answers.every((answer) => answer.status === 200));
  }],
];
