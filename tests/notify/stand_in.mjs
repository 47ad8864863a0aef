// What messages go to, on 127.0.0.1: Telegram's sendMessage, a webhook's
// receiver and a mail server, each as strict as the real one, and as bad as it
// is told to be. Prints one line, {"port":N,"smtp":N}; takes commands as JSON
// lines on standard input, one answer line each; ends when its input ends.
//
//   bot {token,chat}          the one bot, and the chat that wrote to it
//   hook {path,key}           a receiver that checks signatures with that key
//   mail {user,password,tls}  sign-in to demand; tls {cert,key}: STARTTLS
//   plan {what,do,times}      what: telegram, webhook, smtp
//     do: a status (telegram, webhook) or code (smtp, to RCPT), "drop" (takes
//     it and breaks off without an answer), "hang" (never answers), "flood"
//     (429 with a wait of 7 s), "redirect", "huge", "nostarttls"
//   seen {}                   what was taken: {telegram,webhook,mails}
//   clear {}
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createPlain } from 'node:net';
import { createInterface } from 'node:readline';
import { TLSSocket } from 'node:tls';

const state = { bot: {}, hooks: new Map(), mail: {}, plans: [], seen: { telegram: [], webhook: [], mails: [] }, faults: [] };

const commands = {
  bot: (c) => { state.bot = c; },
  hook: (c) => { state.hooks.set(c.path, c.key); },
  mail: (c) => { state.mail = c; },
  plan: (c) => { state.plans.push({ times: 1, ...c }); },
  seen: () => ({ ...state.seen, faults: state.faults }),
  clear: () => {
    Object.assign(state, { plans: [], faults: [], seen: { telegram: [], webhook: [], mails: [] } });
  },
};

function planFor(what) {
  const plan = state.plans.find((one) => one.what === what && one.times > 0);
  if (plan) plan.times--;
  return plan?.do;
}

const fault = (text) => { state.faults.push(text); return text; };

/* ---- HTTP -------------------------------------------------------------------- */

function say(response, status, json, headers = {}) {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(json));
}

function misbehave(what, request, response) {
  const way = planFor(what);
  if (way === undefined) return false;
  if (way === 'drop') request.socket.destroy();
  else if (way === 'flood') say(response, 429, { ok: false, parameters: { retry_after: 7 } });
  else if (way === 'redirect') say(response, 302, {}, { Location: 'http://127.0.0.1:1/' });
  else if (way === 'huge') response.end(Buffer.alloc(1 << 20, 97));
  else if (way !== 'hang') say(response, way, { ok: false, description: 'secret words of the receiver' });
  return true;
}

function telegram(request, response, token, body) {
  if (misbehave('telegram', request, response)) return;
  if (token !== state.bot.token) return say(response, 404, { ok: false });
  const message = JSON.parse(body);
  if (request.headers['content-type'] !== 'application/json') fault('content type');
  if ('parse_mode' in message) fault('a parse mode');
  if (Object.keys(message).sort().join() !== 'chat_id,disable_web_page_preview,text') fault(`members ${Object.keys(message)}`);
  if (message.chat_id !== state.bot.chat) return say(response, 400, { ok: false });
  state.seen.telegram.push(message.text);
  say(response, 200, { ok: true, result: {} });
}

function checkSignature(request, body, key) {
  const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(request.headers['x-kontor-signature'] ?? '') ?? [];
  if (!v1) return fault('no signature');
  const wanted = createHmac('sha256', key).update(`${t}.${body}`).digest();
  if (!timingSafeEqual(wanted, Buffer.from(v1, 'hex'))) return fault('a wrong signature');
  if (Math.abs(Date.now() / 1000 - Number(t)) > 3600 * 48) return fault('an old signature');
  return undefined;
}

function webhook(request, response, body) {
  const key = state.hooks.get(request.url);
  if (misbehave('webhook', request, response)) return;
  if (!key) return say(response, 404, {});
  if (checkSignature(request, body, key)) return say(response, 401, {});
  const message = JSON.parse(body);
  if (request.headers['x-kontor-delivery'] !== message.id) fault('the delivery id');
  if (request.headers['x-kontor-event'] !== message.kind) fault('the kind');
  if (request.headers.expect) fault('Expect');
  state.seen.webhook.push(message);
  say(response, 200, {});
}

const http = createServer(async (request, response) => {
  const parts = [];
  try {
    for await (const part of request) parts.push(part);
  } catch { return; }
  const body = Buffer.concat(parts).toString();
  const [, token] = /^\/bot([^/]+)\/sendMessage$/.exec(request.url) ?? [];
  if (request.method !== 'POST') fault(`method ${request.method}`);
  try {
    if (token) telegram(request, response, token, body);
    else webhook(request, response, body);
  } catch (error) {
    fault(String(error));
    response.destroy();
  }
});

/* ---- SMTP -------------------------------------------------------------------- */

function mailOf(lines) {
  const blank = lines.indexOf('');
  const header = Object.fromEntries(lines.slice(0, blank).map((line) => line.split(/: (.*)/s).slice(0, 2)));
  if (lines.some((line) => line.length > 998)) fault('a long line');
  if (header['Content-Transfer-Encoding'] !== 'base64') fault('the encoding');
  return { header, text: Buffer.from(lines.slice(blank + 1).join(''), 'base64').toString() };
}

class Session {
  constructor(socket) {
    this.secure = false;
    this.listen(socket);
    this.reply('220 stand-in');
  }

  listen(socket) {
    this.socket = socket;
    this.rest = '';
    this.data = null;
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      this.rest += bytes.toString('latin1');
      for (let end; (end = this.rest.indexOf('\n')) >= 0;) {
        const line = this.rest.slice(0, end);
        this.rest = this.rest.slice(end + 1);
        if (!line.endsWith('\r')) fault('a line without CR');
        this.take(line.replace(/\r$/, ''));
      }
    });
  }

  reply(text) { this.socket.write(`${text}\r\n`); }

  signIn(given) {
    const { user, password } = state.mail;
    this.asked = false;
    this.signedIn = Buffer.from(given, 'base64').toString() === `\0${user}\0${password}`;
    return this.reply(this.signedIn ? '235 welcome' : '535 no');
  }

  take(line) {
    if (this.data) return this.takeData(line);
    if (this.asked) return this.signIn(line);
    const [word] = line.toUpperCase().split(' ');
    const { user, tls } = state.mail;
    if (word === 'EHLO') {
      this.greeted = line.slice(5);
      const offers = [];
      if (tls && !this.secure && planFor('smtp-starttls') !== 'nostarttls') offers.push('STARTTLS');
      if (user) offers.push('AUTH PLAIN');
      return this.reply(['250-stand-in', ...offers.map((one) => `250-${one}`), '250 SIZE 100000'].join('\r\n'));
    }
    if (word === 'STARTTLS') {
      this.reply('220 go on');
      const socket = new TLSSocket(this.socket, { isServer: true, cert: readFileSync(tls.cert), key: readFileSync(tls.key) });
      this.secure = true;
      return this.listen(socket);
    }
    if (word === 'AUTH') {
      const [, , given] = line.split(' ');
      if (given) return this.signIn(given);
      this.asked = true;
      return this.reply('334 ');
    }
    if (word === 'MAIL') {
      if (user && !this.signedIn) return this.reply('530 sign in');
      this.from = /<(.*?)>/.exec(line)[1];
      return this.reply('250 ok');
    }
    if (word === 'RCPT') {
      const way = planFor('smtp');
      if (way === 'drop') return this.socket.destroy();
      if (way === 'hang') return undefined;
      if (way) return this.reply(`${way} secret words of the server`);
      this.to = /<(.*?)>/.exec(line)[1];
      return this.reply('250 ok');
    }
    if (word === 'DATA') {
      this.data = [];
      return this.reply('354 go on');
    }
    if (word === 'QUIT') return this.socket.end('221 bye\r\n');
    return this.reply('502 what?');
  }

  takeData(line) {
    if (line !== '.') return this.data.push(line.replace(/^\./, ''));
    state.seen.mails.push({ from: this.from, to: this.to, greeted: this.greeted, secure: this.secure, ...mailOf(this.data) });
    this.data = null;
    return this.reply('250 taken');
  }
}

const smtp = createPlain((socket) => new Session(socket));

/* ---- commands ------------------------------------------------------------------ */

const listen = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));
console.log(JSON.stringify({ port: await listen(http), smtp: await listen(smtp) }));
createInterface({ input: process.stdin }).on('line', (line) => {
  try {
    const command = JSON.parse(line);
    console.log(JSON.stringify({ ok: true, ...commands[command.op](command) }));
  } catch (error) {
    console.log(JSON.stringify({ ok: false, error: String(error) }));
  }
}).on('close', () => process.exit(0));
