/* Real orders, through every program, to the exchange's stand-in: keys, the
   account, orders of each type, an exchange that misbehaves, and a background
   process that is killed while it sends. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Exchange } from '../lib/exchange.mjs';
import { pause, until } from '../lib/wait.mjs';
import { withStack } from '../lib/own.mjs';

const MINUTE = 60_000;

function bring(stack, symbol, price) {
  const last = Math.floor(Date.now() / MINUTE) * MINUTE - MINUTE;
  const rows = Array.from({ length: 3 }, (_, i) => `${last - (2 - i) * MINUTE},${price},${price},${price},${price},100`);
  const file = join(stack.folder, `${symbol}.csv`);
  writeFileSync(file, `time,open,high,low,close,volume\n${rows.join('\n')}\n`);
  const done = stack.kontor('import', file, '--symbol', symbol, '--interval', '1m');
  assert.equal(done.code, 0, done.err);
}

/* A stack with an exchange beside it. */
export async function withExchange(context, options, work) {
  const exchange = await new Exchange().start();
  try {
    return await withStack(context, { settings: { ...exchange.settings, ...options } }, async (inner) => {
      bring(inner.stack, 'BTC-USDT', '50000');
      return work({ ...inner, exchange });
    });
  } finally {
    await exchange.end();
  }
}

/* Its id here, and how often it was given again. */
const orderOf = ({ clientOrderId }) => clientOrderId.split('-')[0];
const times = ({ clientOrderId }) => Number(clientOrderId.split('-')[1] ?? 0);
const sooner = (a, b) => times(a) - times(b);

export class Trader {
  constructor(context, person, keys) {
    Object.assign(this, { client: context.client, exchange: context.exchange, person, keys });
  }

  static async make(context, name, account) {
    const trader = new Trader(context, await context.people.make(name), await context.exchange.account(account));
    context.people.secrets.push(trader.keys.key, trader.keys.secret);
    return trader;
  }

  send(method, path, body, headers = {}) {
    return this.client.send(method, `/api/v1${path}`, { token: this.person.access, body, headers });
  }

  async ok(method, path, body) {
    const answer = await this.send(method, path, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.text}`);
    return answer.json;
  }

  store() {
    return this.ok('PATCH', '/settings', { binance_api_key: this.keys.key, binance_secret: this.keys.secret });
  }

  async book() {
    const { data } = await this.ok('GET', '/portfolio/accounts');
    const account = data.find((one) => one.venue === 'binance');
    return account && this.ok('GET', `/portfolio?account=${account.account}`);
  }

  /* Keys stored, checked by themselves, and the account read. */
  async open() {
    await this.store();
    await until('the account is read', () => this.book(), 30);
    return this;
  }

  place(order) {
    return this.ok('POST', '/orders', { symbol: 'BTC-USDT', venue: 'binance', type: 'market', ...order });
  }

  get(id) {
    return this.ok('GET', `/orders/${id}`);
  }

  reaches(id, ...states) {
    return until(`order ${id} is ${states}`, async () => {
      const order = await this.get(id);
      return states.includes(order.state) && order;
    }, 40);
  }

  /* The exchange has it with its new terms. */
  changed(id) {
    return until(`order ${id} is changed`, async () => {
      const order = await this.get(id);
      assert.ok(['accepted', 'partially_filled', 'unknown'].includes(order.state), `${order.state}: ${order.reason}`);
      return order.reason === null && order;
    }, 60);
  }

  async errand(path) {
    const answer = await this.send('POST', path);
    assert.equal(answer.status, 202, answer.text);
    return until('the errand ends', async () => {
      const errand = await this.ok('GET', answer.headers.location.replace('/api/v1', ''));
      return ['done', 'failed'].includes(errand.state) && errand;
    }, 30);
  }

  /* What the exchange has and what we know of it are the same, once each. One
     that was changed is there under a name for each time, of which the last
     counts; the others are cancelled. */
  async reconciled() {
    const [all, { data: here }] = [await this.exchange.orders(this.keys), await this.ok('GET', '/orders?limit=500')];
    const ours = new Map(here.filter((one) => one.source !== 'system').map((one) => [one.id, one]));
    const words = { NEW: 'accepted', PARTIALLY_FILLED: 'partially_filled', FILLED: 'filled', CANCELED: 'cancelled', EXPIRED: 'expired' };
    const ids = all.map((one) => one.clientOrderId);
    assert.equal(new Set(ids).size, ids.length, 'an order is there twice');
    for (const id of new Set(all.map(orderOf))) {
      const own = ours.get(id);
      assert.ok(own, `an order that nobody gave: ${id}`);
      const names = all.filter((one) => orderOf(one) === id).sort(sooner);
      const last = names.at(-1);
      for (const one of names) if (one !== last) assert.equal(one.status, 'CANCELED', one.clientOrderId);
      const filled = names.reduce((sum, one) => sum + Number(one.executedQty), 0);
      const state = last.status === 'NEW' && filled > 0 ? 'partially_filled' : words[last.status];
      assert.equal(own.state, state, `${last.clientOrderId}: ${last.status} there, ${own.state} here`);
      assert.equal(Number(own.filled).toFixed(8), filled.toFixed(8));
      ours.delete(id);
    }
    for (const own of ours.values())
      assert.ok(['rejected', 'cancelled', 'denied'].includes(own.state) && Number(own.filled) === 0, `${own.id} is ${own.state}, and not there`);
  }

  /* Cash and holdings are what the exchange says, to the last unit. */
  async balanced() {
    const { free } = await this.exchange.tell({ op: 'balances', key: this.keys.key });
    const book = await this.book();
    const held = book.positions.find((one) => one.symbol === 'BTC-USDT')?.quantity ?? '0';
    assert.equal(Number(book.cash).toFixed(6), Number(free.USDT).toFixed(6), 'cash');
    assert.equal(Number(held).toFixed(8), Number(free.BTC).toFixed(8), 'BTC');
    return book;
  }
}

export const works = (stack) => stack.processes((words) => words[0]?.endsWith('/kontor') && words.at(-1) === 'work');

const senders = (stack) => stack.processes((words) => words.some((word) => word.startsWith('live:')));

/* With prices: what is watched here is watched by them. */
const quoted = { MARKET_SYMBOLS: 'BTC-USDT=binance:BTCUSDT', MARKET_QUOTE_SECONDS: '1' };

/* One more `kontor work` beside the supervised one. */
function another(stack) {
  const child = spawn(join(stack.programs, 'kontor'), ['--config', join(stack.data, 'kontor.conf'), 'work'], {
    env: stack.environment(), stdio: 'ignore',
  });
  child.over = new Promise((done) => child.on('exit', done));
  return child;
}

const settled = (trader) => until('every order is known', async () => {
  const open = (await trader.ok('GET', '/orders?state=open&limit=500')).data;
  return open.every((one) => one.state === 'accepted' && one.reason === null);
}, 60);

/* As reconciled(); but one whose last name never arrived is rejected, or, filled
   in part, cancelled, and all its names there are cancelled. */
const over = async (trader) => {
  const there = await trader.exchange.orders(trader.keys);
  for (const { id, state, reason } of (await trader.ok('GET', '/orders?limit=500')).data.filter((one) => one.source !== 'system')) {
    const names = there.filter((one) => orderOf(one) === id);
    const open = names.filter((one) => one.status === 'NEW');
    if (state === 'rejected') assert.equal(reason, 'not_sent');
    assert.equal(open.length, state === 'accepted' ? 1 : 0, `${id} is ${state}: ${JSON.stringify(names)}`);
    assert.ok(names.every((one) => one === names.sort(sooner).at(-1) || one.status === 'CANCELED'));
  }
};

export const tests = [
  ['keys, test, order, fill, portfolio, cancel', (context) => withExchange(context, {}, async (inner) => {
    const alice = await Trader.make(inner, 'alice');
    const early = await alice.send('POST', '/orders', { symbol: 'BTC-USDT', side: 'buy', type: 'market', quantity: '0.1', venue: 'binance' });
    assert.equal(early.status, 409, early.text);
    assert.match(early.json.detail, /binance_api_key/);
    await alice.open();
    const tried = await alice.errand('/settings/test/binance');
    assert.equal(tried.state, 'done', tried.error);
    assert.equal(tried.result.usable, true);
    assert.deepEqual(tried.result.balances.map((one) => one.asset).sort(), ['BTC', 'USDT']);
    const opened = await alice.balanced();
    assert.equal(opened.equity, '60000');
    const bought = await alice.place({ side: 'buy', quantity: '0.1' });
    assert.equal(bought.state, 'new');
    const filled = await alice.reaches(bought.id, 'filled');
    assert.equal(filled.average_price, '50001');
    const { data: [trade] } = await alice.ok('GET', `/trades?order_id=${bought.id}`);
    assert.equal(trade.fee_asset, 'BTC');
    assert.equal(trade.fee_quantity, '0.0001');
    assert.equal(trade.candle_time, null);
    await alice.balanced();
    const sold = await alice.place({ side: 'sell', quantity: '0.05' });
    await alice.reaches(sold.id, 'filled');
    await alice.balanced();
    const rests = await alice.place({ side: 'buy', type: 'limit', quantity: '0.01', price: '49000' });
    await alice.reaches(rests.id, 'accepted');
    const asked = await alice.ok('DELETE', `/orders/${rests.id}`);
    assert.ok(['accepted', 'cancelled'].includes(asked.state));
    await alice.reaches(rests.id, 'cancelled');
    await alice.reconciled();
    await alice.balanced();
    const amended = await alice.place({ side: 'buy', type: 'limit', quantity: '0.01', price: '49000' });
    await alice.reaches(amended.id, 'accepted');
    const asking = await alice.ok('PATCH', `/orders/${amended.id}`, { price: '48000' });
    assert.deepEqual([asking.reason, asking.price], ['amending', '49000']);
    await alice.changed(amended.id);
    assert.equal((await alice.get(amended.id)).price, '48000');
    assert.equal((await alice.ok('DELETE', '/orders')).cancelled, 1);
    await alice.reaches(amended.id, 'cancelled');
    await alice.reconciled();
  })],
  ['every type that the exchange has, and what it has not', (context) => withExchange(context, {}, async (inner) => {
    const alice = await (await Trader.make(inner, 'alice')).open();
    const { exchange } = inner;
    const given = {
      maker: { side: 'buy', type: 'limit', quantity: '0.01', price: '49000', post_only: true },
      ioc: { side: 'buy', type: 'limit', quantity: '0.01', price: '49000', time_in_force: 'ioc' },
      fok: { side: 'buy', type: 'limit', quantity: '0.01', price: '50100', time_in_force: 'fok' },
      stop: { side: 'sell', type: 'stop', quantity: '0.01', stop_price: '48000' },
      stop_limit: { side: 'sell', type: 'stop_limit', quantity: '0.01', stop_price: '48000', price: '47000' },
      profit: { side: 'sell', type: 'take_profit', quantity: '0.01', stop_price: '52000' },
      profit_limit: { side: 'sell', type: 'take_profit', quantity: '0.01', stop_price: '52000', price: '51900' },
      crossing: { side: 'buy', type: 'limit', quantity: '0.01', price: '50100', post_only: true },
      take: { side: 'sell', type: 'limit', quantity: '0.02', price: '53000', oco: 'pair' },
      guard: { side: 'sell', type: 'stop', quantity: '0.02', stop_price: '47000', oco: 'pair' },
      alone: { side: 'sell', type: 'limit', quantity: '0.02', price: '53000', oco: 'alone' },
    };
    /* the first of a symbol: its rules are not known here yet */
    const ids = { step: (await alice.place({ side: 'buy', type: 'limit', quantity: '0.000001', price: '50000' })).id };
    for (const [name, order] of Object.entries(given)) ids[name] = (await alice.place(order)).id;
    for (const name of ['maker', 'stop', 'stop_limit', 'profit', 'profit_limit', 'take', 'guard']) await alice.reaches(ids[name], 'accepted');
    await alice.reaches(ids.ioc, 'expired');
    await alice.reaches(ids.fok, 'filled');
    assert.match((await alice.reaches(ids.crossing, 'rejected')).reason, /would immediately match/);
    assert.match((await alice.reaches(ids.step, 'rejected')).reason, /^LOT_SIZE/);
    assert.equal((await alice.get(ids.alone)).state, 'new');
    const refused = async (order, status, what) => {
      const answer = await alice.send('POST', '/orders', { symbol: 'BTC-USDT', venue: 'binance', ...order });
      assert.equal(answer.status, status, answer.text);
      assert.match(answer.text, what);
    };
    await refused({ side: 'sell', type: 'trailing_stop', quantity: '0.01', trail: '100' }, 409, /no fresh price/);
    await refused({ side: 'sell', type: 'trailing_stop', quantity: '0.01', trail: '100', oco: 'other' }, 400, /\/oco.*watched here/);
    await refused({ side: 'buy', type: 'limit', quantity: '0.000001', price: '49000.001' }, 400, /\/quantity.*0\.00001 .*\/price.*0\.01 /);
    await refused({ side: 'buy', type: 'limit', quantity: '0.00009', price: '50000' }, 400, /worth at least 5 /);
    await refused({ side: 'sell', type: 'stop', quantity: '0.03', stop_price: '47000', oco: 'alone' }, 400, /\/oco/);
    await refused({ side: 'sell', type: 'market', quantity: '5' }, 201, /short_not_allowed/);
    await refused({ side: 'sell', type: 'market', quantity: '5', reduce_only: true }, 201, /short_not_allowed/);
    await refused({ side: 'buy', type: 'market', quantity: '1' }, 201, /insufficient_funds/);
    await alice.ok('DELETE', `/orders/${ids.alone}`);
    assert.equal((await alice.get(ids.alone)).state, 'cancelled');
    await exchange.book('51000', '51001');
    await exchange.book('53000', '53001');
    for (const name of ['profit', 'profit_limit', 'take']) await alice.reaches(ids[name], 'filled');
    assert.equal((await alice.reaches(ids.guard, 'expired')).reason, 'oco');
    await exchange.book('47500', '47501');
    for (const name of ['maker', 'stop', 'stop_limit']) await alice.reaches(ids[name], 'filled');
    await alice.reconciled();
    const { account } = await alice.balanced();
    const all = await alice.ok('POST', `/portfolio/positions/BTC-USDT/close?account=${account}`);
    assert.equal(all.venue, 'binance');
    await alice.reaches(all.id, 'filled');
    await alice.balanced();
  })],
  ['an exchange that misbehaves gets every order once', (context) => withExchange(context, { BINANCE_RECV_WINDOW_MS: '1000' }, async (inner) => {
    const alice = await (await Trader.make(inner, 'alice')).open();
    const { exchange } = inner;
    const place = { method: 'POST', path: '/api/v3/order' };
    const troubles = [
      { do: 'drop_after' }, { do: 'hold_after' }, { do: 'half' }, { do: 'swap' }, { do: 'twice' },
      { do: 'answer_after', status: 502, body: 'Bad Gateway' }, { do: 'answer_after', status: 504, body: '{}' },
      { do: 'answer_after', status: 200, body: '{"code":-1007,"msg":"Timeout waiting for response."}' },
      { do: 'answer_after', status: 400, body: '{"code":-1006,"msg":"Unexpected response."}' },
      { do: 'drop_before', lost: true }, { do: 'answer_before', status: 503, body: 'no', lost: true },
      { do: 'answer_before', status: 429, headers: { 'Retry-After': '1' }, body: '{"code":-1003,"msg":"Too much."}' },
    ];
    const given = [];
    for (const { lost = false, ...trouble } of troubles) {
      await exchange.tell({ op: 'plan', ...place, ...trouble });
      const order = await alice.place({ side: 'buy', type: 'limit', quantity: '0.001', price: '49000' });
      given.push({ ...order, lost, trouble });
      await until('it was sent', async () => (await alice.get(order.id)).state !== 'new', 30);
    }
    for (const { id, lost, trouble } of given) {
      const now = await alice.reaches(id, lost ? 'rejected' : 'accepted');
      if (lost) assert.equal(now.reason, 'not_sent', trouble.do);
    }
    await exchange.tell({ op: 'plan', ...place, do: 'drop_after' });
    await alice.reaches((await alice.place({ side: 'buy', quantity: '0.001' })).id, 'filled');
    /* late: it arrives when nobody waits for it any more, and is too old */
    await exchange.tell({ op: 'plan', ...place, do: 'hold_before' });
    const late = await alice.place({ side: 'buy', type: 'limit', quantity: '0.001', price: '49000' });
    await alice.reaches(late.id, 'unknown');
    await alice.reaches(late.id, 'rejected');
    assert.deepEqual((await exchange.tell({ op: 'release' })).statuses, [400]);
    /* the clock there is wrong: measured again */
    await exchange.tell({ op: 'clock', offset: 30_000 });
    const ahead = await alice.place({ side: 'buy', type: 'limit', quantity: '0.001', price: '49000' });
    await alice.reaches(ahead.id, 'accepted');
    await exchange.tell({ op: 'clock', offset: 0 });
    /* and cancelling as badly */
    await exchange.tell({ op: 'plan', method: 'DELETE', path: '/api/v3/order', do: 'drop_after', times: 3 });
    await exchange.tell({ op: 'plan', method: 'DELETE', path: '/api/v3/order', do: 'drop_before', times: 3 });
    await alice.ok('DELETE', '/orders');
    await until('nothing is open', async () => (await alice.ok('GET', '/orders?state=open')).data.length === 0, 60);
    await alice.reconciled();
    await alice.balanced();
  })],
  ['keys that may take money out are refused, and so is everything while live trading is off', (context) => withExchange(context, {}, async (inner) => {
    const market = { symbol: 'BTC-USDT', side: 'buy', type: 'market', quantity: '0.1', venue: 'binance' };
    const mallory = await Trader.make(inner, 'mallory', { rights: { enableWithdrawals: true } });
    await mallory.store();
    const tried = await mallory.errand('/settings/test/binance');
    assert.equal(tried.state, 'done', tried.error);
    assert.deepEqual([tried.result.usable, tried.result.reason, tried.result.can_withdraw], [false, 'key_can_withdraw', true]);
    const refused = await mallory.send('POST', '/orders', market);
    assert.equal(refused.status, 409, refused.text);
    assert.match(refused.json.detail, /may withdraw/);
    const said = (await mallory.ok('GET', '/settings')).exchange_keys;
    assert.deepEqual([said.state, said.reason, said.can_withdraw], ['refused', 'key_can_withdraw', true]);
    assert.equal(said.detail, refused.json.detail);
    assert.ok(Math.abs(Date.now() - Date.parse(said.checked_at)) < MINUTE, said.checked_at);
    const wrong = await Trader.make(inner, 'wrong');
    wrong.keys.secret = 'x'.repeat(30);
    await wrong.store();
    assert.equal((await wrong.errand('/settings/test/binance')).result.usable, false);
    assert.equal((await wrong.send('POST', '/orders', market)).status, 409);
    /* others in their place are asked about anew, without being told to */
    wrong.keys = await inner.exchange.account();
    await wrong.open();
    const keys = (await wrong.ok('GET', '/settings')).exchange_keys;
    assert.deepEqual([keys.state, keys.reason, keys.can_trade, keys.can_withdraw], ['usable', null, true, false]);
    await wrong.reaches((await wrong.place({ side: 'buy', quantity: '0.01' })).id, 'filled');
    const none = await Trader.make(inner, 'none');
    assert.equal((await none.ok('GET', '/settings')).exchange_keys.state, 'missing');
    const without = await none.errand('/settings/test/binance');
    assert.equal(without.state, 'failed');
    assert.match(without.error, /Store binance_api_key/);
    /* nothing of them is written down anywhere */
    const everything = inner.stack.logged();
    for (const one of [mallory, wrong]) for (const secret of Object.values(one.keys)) assert.ok(!everything.includes(secret));
    for (const answer of [tried, without]) assert.ok(!JSON.stringify(answer).includes(mallory.keys.secret));
    const off = await context.people.make('off');
    const answer = await context.client.send('POST', '/api/v1/orders', { token: off.access, body: market });
    assert.equal(answer.status, 400, answer.text);
    assert.match(answer.text, /live trading is off/);
  })],
  ['what was not traded here is told, and a halt cancels there too', (context) => withExchange(context, {}, async (inner) => {
    const alice = await (await Trader.make(inner, 'alice')).open();
    const { exchange } = inner;
    const rests = [await alice.place({ side: 'buy', type: 'limit', quantity: '0.01', price: '49000' }),
      await alice.place({ side: 'sell', type: 'limit', quantity: '0.01', price: '54000' })];
    for (const { id } of rests) await alice.reaches(id, 'accepted');
    await exchange.tell({ op: 'deposit', key: alice.keys.key, asset: 'USDT', amount: '500' });
    await exchange.tell({ op: 'deposit', key: alice.keys.key, asset: 'BTC', amount: '-0.25' });
    const before = await alice.book();
    const after = await until('the difference is booked', async () => {
      const book = await alice.book();
      return book.cash !== before.cash && book;
    }, 40);
    assert.equal(after.cash, '10500');
    assert.equal(after.positions[0].quantity, '0.75');
    assert.equal(after.day_change, '0', 'a withdrawal is no loss');
    const { data } = await alice.ok('GET', '/orders?limit=100');
    const told = data.find((one) => one.source === 'system' && one.side === 'sell');
    const { log } = await alice.get(told.id);
    assert.ok(log.some((step) => step.reason === 'went_elsewhere'), JSON.stringify(log));
    /* in part, and then halted */
    await exchange.tell({ op: 'fill', key: alice.keys.key, clientId: rests[0].id, quantity: '0.004', price: '49000' });
    await alice.reaches(rests[0].id, 'partially_filled');
    await alice.ok('POST', '/risk/halt');
    for (const { id } of rests) await alice.reaches(id, 'cancelled');
    assert.equal((await alice.get(rests[0].id)).filled, '0.004');
    assert.equal((await alice.place({ side: 'buy', quantity: '0.01' })).reason, 'halted');
    await alice.reconciled();
    await alice.balanced();
  })],
  ['killed at any point, each order is there once or never was', (context) => withExchange(context, { BINANCE_RECV_WINDOW_MS: '1000', LIVE_SEND_SECONDS: '30' }, async (inner) => {
    const alice = await (await Trader.make(inner, 'alice')).open();
    const { exchange, stack } = inner;
    await alice.ok('PUT', '/risk', { max_open_orders: 150, orders_per_minute: 120 });
    const kinds = ['drop_after', 'hold_after', 'drop_before', 'half'];
    let kills = 0;
    for (let round = 0; round < 12; round++) {
      if (round % 3 === 0) await exchange.tell({ op: 'plan', method: 'POST', path: '/api/v3/order', do: kinds[(round / 3) % 4] });
      for (let i = 0; i < 3; i++) {
        const buys = i !== 1;
        await alice.place(i === 2 ? { side: 'buy', quantity: '0.001' } : { side: buys ? 'buy' : 'sell', type: 'limit', quantity: '0.001', price: buys ? '49000' : '54000' });
      }
      if (round % 4 === 3) await alice.ok('DELETE', '/orders');
      await pause(randomInt(0, 1100));
      for (const pid of works(stack)) {
        process.kill(pid, 'SIGKILL');
        kills++;
      }
      await until('it is started again', () => works(stack).length > 0);
    }
    await settled(alice);
    await alice.ok('DELETE', '/orders');
    await until('nothing is open', async () => (await alice.ok('GET', '/orders?state=open')).data.length === 0, 60);
    await alice.reconciled();
    await until('the books agree', () => alice.balanced().catch(() => false), 30).catch(() => alice.balanced());
    return `${kills} kills`;
  })],
  ['an order that is changed is there once, whatever happens between', (context) => withExchange(context, { BINANCE_RECV_WINDOW_MS: '1000' }, async (inner) => {
    const alice = await (await Trader.make(inner, 'alice')).open();
    const { exchange } = inner;
    const resting = async (more) => {
      const order = await alice.place({ side: 'buy', type: 'limit', quantity: '0.01', price: '49000', ...more });
      await alice.reaches(order.id, 'accepted');
      return order.id;
    };
    const named = async (id) => (await exchange.orders(alice.keys)).filter((one) => orderOf(one) === id).sort(sooner);
    const fill = (clientId, quantity, price) => exchange.tell({ op: 'fill', key: alice.keys.key, clientId, quantity, price });
    const stop = await resting({ side: 'sell', type: 'stop', quantity: '0.1', price: undefined, stop_price: '45000' });
    assert.equal((await alice.send('PATCH', `/orders/${stop}`, { stop_price: '50500' })).status, 400);
    /* filled in part, then changed: the rest of it is given again */
    const part = await resting();
    await fill(part, '0.004', '49000');
    await alice.reaches(part, 'partially_filled');
    await alice.ok('PATCH', `/orders/${part}`, { quantity: '0.02', price: '49500' });
    await alice.changed(part);
    assert.deepEqual((await named(part)).map((one) => [one.status, Number(one.origQty), Number(one.price)]),
      [['CANCELED', 0.01, 49000], ['NEW', 0.016, 49500]]);
    await fill(`${part}-1`, '0.016', '49500');
    const whole = await alice.reaches(part, 'filled');
    assert.deepEqual([whole.filled, whole.average_price], ['0.02', '49400']);
    /* filled while the cancellation is on its way: nothing more is sent */
    const late = await resting();
    await exchange.tell({ op: 'plan', method: 'DELETE', path: '/api/v3/order', do: 'drop_before', times: 2 });
    await alice.ok('PATCH', `/orders/${late}`, { price: '48000' });
    await fill(late, '0.01', '49000');
    assert.equal((await alice.reaches(late, 'filled')).reason, 'amend_too_late');
    assert.equal((await named(late)).length, 1);
    /* a stop, and an exchange that misbehaves at each of the two */
    const troubles = [['DELETE', 'drop_after'], ['POST', 'drop_after'], ['POST', 'hold_after'], ['DELETE', 'half'], ['POST', 'twice']];
    for (const [at, [method, kind]] of troubles.entries()) {
      await exchange.tell({ op: 'plan', method, path: '/api/v3/order', do: kind });
      await alice.ok('PATCH', `/orders/${stop}`, { stop_price: `${45100 + at * 100}` });
      await alice.changed(stop);
      const all = await named(stop);
      assert.deepEqual(all.map((one) => one.status), [...Array(at + 1).fill('CANCELED'), 'NEW']);
      assert.equal(Number(all.at(-1).stopPrice), 45100 + at * 100);
    }
    await alice.ok('DELETE', `/orders/${stop}`);
    await alice.reaches(stop, 'cancelled');
    await alice.reconciled();
    await alice.balanced();
  })],
  ['killed while an order is changed, it is never there twice', (context) => withExchange(context, { BINANCE_RECV_WINDOW_MS: '1000' }, async (inner) => {
    const alice = await (await Trader.make(inner, 'alice')).open();
    const { exchange, stack } = inner;
    await alice.ok('PUT', '/risk', { orders_per_minute: 120 });
    const ids = [];
    for (const side of ['buy', 'buy', 'sell']) {
      const order = await alice.place({ side, type: 'limit', quantity: '0.02', price: side === 'buy' ? '49000' : '54000' });
      await alice.reaches(order.id, 'accepted');
      ids.push(order.id);
    }
    let changes = 0;
    for (let round = 0; round < 6; round++) {
      if (round % 2) await exchange.tell({ op: 'plan', method: round % 4 === 1 ? 'POST' : 'DELETE', path: '/api/v3/order', do: 'drop_after' });
      for (const [at, id] of ids.entries()) {
        const { status } = await alice.send('PATCH', `/orders/${id}`, { price: `${(at < 2 ? 48000 : 55000) + round * 10 + at}` });
        assert.ok([200, 409].includes(status), `${status}`);
        changes += status === 200;
      }
      await pause(randomInt(0, 900));
      for (const pid of works(stack)) process.kill(pid, 'SIGKILL');
      await until('it is started again', () => works(stack).length > 0);
      const open = (await exchange.orders(alice.keys)).filter((one) => ['NEW', 'PARTIALLY_FILLED'].includes(one.status));
      assert.equal(new Set(open.map(orderOf)).size, open.length, 'two of one order are open there');
    }
    await settled(alice);
    await over(alice);
    await alice.ok('DELETE', '/orders');
    for (const id of ids) await alice.reaches(id, 'cancelled', 'rejected');
    await over(alice);
    return `${changes} changes`;
  })],
  ['a trailing stop is watched here, and leaves once', (context) => withExchange(context, quoted, async (inner) => {
    const alice = await (await Trader.make(inner, 'alice')).open();
    const { exchange } = inner;
    const there = async ({ id }) => (await exchange.orders(alice.keys)).filter((one) => one.clientOrderId === id);
    const trailing = (quantity) => alice.place({ side: 'sell', type: 'trailing_stop', quantity, trail: '500' });
    await until('there is a fresh price', async () => (await alice.send('POST', '/orders', {
      symbol: 'BTC-USDT', venue: 'binance', side: 'sell', type: 'trailing_stop', quantity: '0.000001', trail: '500',
    })).status === 201, 30);
    /* tried as soon as it is given, not when it is too late */
    const [odd] = (await alice.ok('GET', '/orders')).data;
    assert.match((await alice.reaches(odd.id, 'rejected')).reason, /^LOT_SIZE/);
    const order = await trailing('0.02');
    assert.deepEqual([order.state, order.watched, order.level], ['accepted', 'here', '49500']);
    const moot = await trailing('0.03');
    assert.equal((await alice.place({ side: 'sell', quantity: '0.96' })).reason, 'short_not_allowed');
    await exchange.book('51000', '51001');
    const level = (value) => until(`the level is ${value}`, async () => (await alice.get(order.id)).level === value, 30);
    await level('50500');
    const changed = await alice.ok('PATCH', `/orders/${order.id}`, { trail: '300', quantity: '0.025' });
    assert.deepEqual([changed.level, changed.quantity, changed.watched], ['50700', '0.025', 'here']);
    assert.equal((await alice.ok('DELETE', `/orders/${moot.id}`)).state, 'cancelled');
    assert.deepEqual([await there(order), await there(moot)], [[], []]);
    await exchange.book('50600', '50601');
    const filled = await alice.reaches(order.id, 'filled');
    assert.deepEqual([filled.average_price, filled.triggered, filled.watched], ['50600', true, null]);
    assert.deepEqual((await there(order)).map(({ type, origQty }) => [type, Number(origQty)]), [['MARKET', 0.025]]);
    assert.deepEqual(filled.log.map((step) => step.cause), ['submit', 'venue', 'amend', 'trigger', 'fill']);
    /* a halt leaves it, and lets it leave */
    const last = await trailing('0.02');
    await alice.ok('POST', '/risk/halt', {});
    assert.equal((await alice.get(last.id)).watched, 'here');
    await exchange.book('50000', '50001');
    assert.equal((await alice.reaches(last.id, 'filled')).average_price, '50000');
    await alice.reconciled();
    await alice.balanced();
  })],
  ['killed between the trigger and the sending, a trailing stop is there once', (context) => withExchange(context, { ...quoted, BINANCE_RECV_WINDOW_MS: '1000' }, async (inner) => {
    const alice = await (await Trader.make(inner, 'alice')).open();
    const { exchange, stack } = inner;
    const place = () => until('it is taken', async () => {
      const { status, json } = await alice.send('POST', '/orders', { symbol: 'BTC-USDT', venue: 'binance', side: 'sell', type: 'trailing_stop', quantity: '0.01', trail: '500' });
      return status === 201 && json;
    }, 30);
    const killed = async () => {
      for (const pid of works(stack)) process.kill(pid, 'SIGKILL');
      await until('it is started again', () => works(stack).length > 0);
    };
    let sold = 0;
    for (let round = 0; round < 4; round++) {
      await exchange.book('50000', '50001');
      const order = await place();
      await until('the level follows', async () => (await alice.get(order.id)).level === '49500', 30);
      /* whoever sends stands still in the first, and is interrupted anywhere in the others */
      const still = round === 0 ? senders(stack) : [];
      for (const pid of still) process.kill(pid, 'SIGSTOP');
      if (round === 3) await exchange.tell({ op: 'plan', method: 'POST', path: '/api/v3/order', do: 'drop_after' });
      await exchange.book('49000', '49001');
      if (round === 0) await until('its level is reached', async () => (await alice.get(order.id)).triggered, 30);
      else await pause(randomInt(0, 1500));
      await killed();
      /* one that stands still does not see that its parent has ended */
      for (const pid of still) process.kill(pid, 'SIGKILL');
      const now = await alice.reaches(order.id, 'filled', ...(round ? ['rejected'] : []));
      if (now.state === 'rejected') assert.equal(now.reason, 'not_sent');
      sold += now.state === 'filled';
    }
    await alice.reconciled();
    assert.equal((await exchange.orders(alice.keys)).length, sold);
    await until('the books agree', () => alice.balanced().catch(() => false), 30).catch(() => alice.balanced());
  })],
  ['two processes and two users: one budget, nothing twice', (context) => withExchange(context, {}, async (inner) => {
    const { exchange, stack } = inner;
    const traders = [await (await Trader.make(inner, 'alice')).open(), await (await Trader.make(inner, 'bob')).open()];
    const more = another(stack);
    try {
      const ids = await Promise.all(traders.flatMap((one) => Array.from({ length: 12 }, (_, i) =>
        one.place(i % 2 ? { side: 'buy', quantity: '0.001' } : { side: 'buy', type: 'limit', quantity: '0.001', price: '49000' })
          .then(({ id }) => [one, id]))));
      for (const [one, id] of ids) await one.reaches(id, 'accepted', 'filled');
      await exchange.book('48900', '48901');
      for (const [one, id] of ids) await one.reaches(id, 'filled');
      for (const one of traders) {
        await one.reconciled();
        await one.balanced();
      }
    } finally {
      more.kill('SIGTERM');
      await more.over;
    }
  })],
];
