// A stand-in for the exchange on 127.0.0.1: as strict as the real one where it
// behaves, and as bad as it gets where it is told to. Prints one line with its
// ports, {"port":N,"control":N}; takes commands as JSON lines on standard
// input (one answer line each) or as POST bodies on the control port; ends
// when standard input ends.
//
//   symbol {base,quote,filters}   price {symbol,bid,ask,last}
//   account {key,secret,balances,rights}   balances {key}   orders {key}
//   clock {now} (stands still) | {add} | {offset}   limits {weight,tenSeconds,day}
//   plan {method,path,do,times,...}   see trouble.mjs   clear   release
//   tls {folder} (cert.pem, key.pem): the same once more over HTTPS, its port
//   fill {key,clientId,quantity,price}   seen {method,path}   deposit {key,asset,amount}
//   history {symbol,since,until,holes,walks,corrections}: its candles
//   spot {id,prices,at} {key} {most}: CoinGecko's simple price, at the same port

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { createInterface } from 'node:readline';
import { describe } from './book.mjs';
import { format, parse } from './decimal.mjs';
import { Exchange } from './exchange.mjs';
import { Spot } from './spot.mjs';
import { kinds } from './trouble.mjs';

const exchange = new Exchange();
const spot = new Spot(() => exchange.now());
const held = [];
const answers = new Map();
const seen = new Map();
let plans = [];
let connections = 0;

const commands = {
  symbol: (c) => exchange.addSymbol(c),
  price: (c) => exchange.setPrice(c),
  history: (c) => exchange.setHistory(c),
  spot: (c) => spot.tell(c),
  account: (c) => exchange.addAccount(c),
  limits: (c) => Object.assign(exchange.limits, c.limits),
  clock: ({ now, add = 0, offset }) => {
    if (now !== undefined) exchange.fixed = now;
    if (exchange.fixed !== null) exchange.fixed += add;
    if (offset !== undefined) exchange.offset = offset;
  },
  plan: (c) => { plans.push({ times: 1, ...c }); },
  tls: async ({ folder }) => {
    const [cert, key] = ['cert.pem', 'key.pem'].map((name) => readFileSync(`${folder}/${name}`));
    return { port: await listen(createSecure({ cert, key }, take)) };
  },
  clear: () => { plans = []; },
  release: () => ({ statuses: held.splice(0).map((carryOut) => carryOut().status) }),
  seen: ({ method, path }) => ({ count: seen.get(`${method} ${path}`) ?? 0, connections, placed: exchange.placed }),
  deposit: ({ key, asset, amount }) => {
    const { book } = exchange.accounts.get(key);
    book.free.set(asset, (book.free.get(asset) ?? 0n) + (amount.startsWith('-') ? -parse(amount.slice(1)) : parse(amount)));
  },
  orders: ({ key }) => ({ orders: exchange.accounts.get(key).book.orders.map(describe) }),
  balances: ({ key }) => {
    const { book } = exchange.accounts.get(key);
    const shown = (amounts) => Object.fromEntries([...amounts].map(([asset, units]) => [asset, format(units)]));
    return { free: shown(book.free), locked: shown(book.locked) };
  },
  fill: ({ key, clientId, quantity, price }) => {
    const { book } = exchange.accounts.get(key);
    const order = book.orders.find((o) => o.clientId === clientId);
    book.fill(order, parse(quantity), parse(price), exchange.now(), true);
  },
};

async function obey(text) {
  try {
    const command = JSON.parse(text);
    if (!commands[command.op]) throw new Error(`no command ${command.op}`);
    return { ok: true, ...await commands[command.op](command) };
  } catch (error) {
    return { ok: false, error: String(error) };
  }
}

const read = async (message) => {
  const parts = [];
  for await (const part of message) parts.push(part);
  return Buffer.concat(parts).toString();
};

function planFor(method, path) {
  const plan = plans.find((p) => p.times > 0 && p.method === method && p.path === path);
  if (plan) plan.times--;
  return plan;
}

async function serve(message, response) {
  const [path, query = ''] = message.url.split('?');
  const name = `${message.method} ${path}`;
  const request = { method: message.method, path, query, body: await read(message), headers: message.headers };
  const before = answers.get(name) ?? { status: 200, headers: {}, body: '{}' };
  seen.set(name, (seen.get(name) ?? 0) + 1);
  const carryOut = () => {
    const reply = spot.knows(request) ? spot.answer(request) : exchange.answer(request);
    answers.set(name, reply);
    return reply;
  };
  const send = ({ status = 200, headers = {}, body = '' }) =>
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(body);
  const plan = planFor(message.method, path);
  if (plan) kinds[plan.do]({ socket: message.socket, send, carryOut, held, plan, before });
  else send(carryOut());
}

const take = (message, response) => {
  serve(message, response).catch(() => message.socket.destroy());
};
const market = createServer(take);
market.keepAliveTimeout = 600_000;
market.on('connection', () => { connections++; });
const control = createServer(async (message, response) => {
  response.end(JSON.stringify(await obey(await read(message))));
});
const listen = (server) => new Promise((resolve) => {
  server.listen(0, '127.0.0.1', () => resolve(server.address().port));
});

process.stdout.write(`${JSON.stringify({ port: await listen(market), control: await listen(control) })}\n`);
createInterface({ input: process.stdin })
  .on('line', async (line) => process.stdout.write(`${JSON.stringify(await obey(line))}\n`))
  .on('close', () => process.exit(0));
