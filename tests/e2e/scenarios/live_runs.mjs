/* Strategies that trade real money, through every program, to the exchange's
   stand-in: entered, protected, left in each way, halted, and killed between
   all of it. What the books say together is what the exchange has. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pause, until } from '../lib/wait.mjs';
import { Trader, withExchange, works } from './live.mjs';

const MINUTE = 60_000;
const definition = {
  version: 1, name: 'Greens', interval: '1m', entry: { long: 'close > open' }, exit: { long: 'close < 2900' },
  stops: { stop_loss_pct: '5', take_profit_pct: '10' }, sizing: { mode: 'pct_equity', pct: '50' },
};
const QUOTED = { MARKET_SYMBOLS: 'ETH-USDT=binance:ETHUSDT', MARKET_QUOTE_SECONDS: '1', MARKET_STALE_SECONDS: '5' };
const ENTRY = { method: 'POST', path: '/api/v3/order' };

class Owner extends Trader {
  static async open(inner, name) {
    const owner = Object.assign(Object.create(Owner.prototype), await Trader.make(inner, name));
    owner.stack = inner.stack;
    owner.admin = await inner.people.admin();
    await owner.price('3000');
    owner.candle(9, '3000', '3000');
    await Trader.prototype.open.call(owner);
    owner.strategy = (await owner.ok('POST', '/strategies', { definition })).id;
    return owner;
  }

  price(bid) {
    return this.exchange.tell({ op: 'price', symbol: 'ETHUSDT', bid, ask: `${Number(bid) + 1}`, last: bid });
  }

  /* One that closed so many minutes ago, less one. */
  candle(ago, open, close) {
    const at = Math.floor(Date.now() / MINUTE) * MINUTE - ago * MINUTE;
    const file = join(this.stack.folder, 'eth.csv');
    const [low, high] = [open, close].sort((a, b) => a - b);
    writeFileSync(file, `time,open,high,low,close,volume\n${at},${open},${high},${low},${close},100\n`);
    const done = this.stack.kontor('import', file, '--symbol', 'ETH-USDT', '--interval', '1m');
    assert.equal(done.code, 0, done.err);
  }

  /* Says buy; behind it is room for one more that has closed. Not so late in
     the minute that it would be of long ago when it is seen. */
  async green() {
    const left = MINUTE - Date.now() % MINUTE;
    if (left < 10_000) await pause(left + 100);
    this.candle(2, '2990', '3000');
  }

  /* What closed is seen now, not at the job's next turn. */
  async see() {
    const answer = await this.client.send('POST', '/api/v1/scheduler/jobs/signals/run', { token: this.admin.access });
    assert.equal(answer.status, 200, answer.text);
  }

  async start(cash = '2000') {
    const run = await this.ok('POST', `/strategies/${this.strategy}/start`, { mode: 'live', symbol: 'ETH-USDT', cash });
    await this.see();
    return run;
  }

  stop(close = true) {
    return this.ok('POST', `/strategies/${this.strategy}/stop`, { close });
  }

  async run() {
    const { data: [run] } = await this.ok('GET', `/strategies/${this.strategy}/runs`);
    return run;
  }

  async own(run) {
    const { data } = await this.ok('GET', '/orders?limit=500');
    return data.filter((one) => one.run_id === run.id);
  }

  /* Holds, and both of what protects rest at the exchange. */
  protected(run) {
    return until('the position is protected', async () => {
      const now = await this.run();
      assert.equal(now.state, 'running', now.error);
      const open = (await this.own(run)).filter((one) => one.side === 'sell' && one.state === 'accepted' && one.reason !== 'cancelling');
      return now.positions.length === 1 && open.length === 2 && { now, open };
    }, 60);
  }

  flat(run) {
    return until('it holds nothing', async () => {
      const now = await this.run();
      const open = (await this.own(run)).filter((one) => ['new', 'accepted', 'partially_filled', 'unknown'].includes(one.state));
      return now.positions.length === 0 && open.length === 0 && now.trades === 1 && now;
    }, 60);
  }

  /* All books there together, to the last unit. */
  async summed() {
    const { free, locked } = await this.exchange.tell({ op: 'balances', key: this.keys.key });
    const { data } = await this.ok('GET', '/portfolio/accounts?state=open');
    let [cash, held] = [0n, 0n];
    const units = (text) => BigInt(Math.round(Number(text) * 1e8));
    for (const { account } of data.filter((one) => one.venue === 'binance')) {
      const book = await this.ok('GET', `/portfolio?account=${account}`);
      cash += units(book.cash);
      held += units(book.positions.find((one) => one.symbol === 'ETH-USDT')?.quantity ?? '0');
    }
    const there = (asset) => units(free[asset] ?? '0') + units(locked[asset] ?? '0');
    assert.equal(cash, there('USDT'), 'cash');
    assert.equal(held, there('ETH'), 'ETH');
    const adjusted = (await this.ok('GET', '/orders?limit=500')).data.filter((one) => one.source === 'system' && one.symbol === 'ETH-USDT');
    for (const { id } of adjusted) {
      const { log } = await this.ok('GET', `/orders/${id}`);
      assert.ok(log.every((step) => step.reason === null || step.reason === 'given_back_by_a_strategy'), JSON.stringify(log));
    }
  }

  /* Over, and its money is the account's again. */
  async over() {
    await until('its money is given back', async () => {
      const { data } = await this.ok('GET', '/portfolio/accounts?state=open');
      return data.every((one) => one.run_id === null);
    }, 60);
    await this.summed();
    await this.reconciled();
  }
}

const sold = (orders, type) => orders.find((one) => one.side === 'sell' && one.type === type && one.state === 'filled');

export const tests = [
  ['entered, and left by its target, its stop, a signal and its owner', (context) => withExchange(context, {}, async (inner) => {
    const alice = await Owner.open(inner, 'alice');
    const refused = async (body, pointer) => {
      const answer = await alice.send('POST', `/strategies/${alice.strategy}/start`, { mode: 'live', symbol: 'ETH-USDT', cash: '100', ...body });
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.json.errors[0].pointer, pointer);
    };
    await refused({ cash: '10001' }, '/cash');
    const none = join(inner.stack.folder, 'none.csv');
    writeFileSync(none, 'time,open,high,low,close,volume\n1700000040000,1,1,1,1,1\n');
    assert.equal(inner.stack.kontor('import', none, '--symbol', 'NONE-USDT', '--interval', '1m').code, 0);
    await alice.ok('POST', `/strategies/${alice.strategy}/start`, { mode: 'live', symbol: 'NONE-USDT', cash: '100' });
    await until('it has ended', async () => /does not trade NONE-USDT/.test((await alice.run()).error));
    await alice.over();
    await refused({ spread: '0.001' }, '/spread');
    await alice.green();
    let run = await alice.start();
    assert.equal(run.cash, '2000');
    const { now, open } = await alice.protected(run);
    assert.equal(now.positions[0].entry_price, '3001');
    assert.deepEqual(open.map((one) => one.price ?? one.stop_price).sort(), ['2850.95', '3301.1']);
    await alice.summed();
    await alice.price('3400');
    await alice.flat(run);
    assert.equal(sold(await alice.own(run), 'limit').reason, 'take_profit');
    await alice.stop();
    await alice.over();
    assert.ok(Number((await alice.run()).equity) > 2090, 'what it made is shown');
    await alice.price('3000');
    await alice.green();
    run = await alice.start();
    await alice.protected(run);
    await alice.price('2800');
    await alice.flat(run);
    assert.equal(sold(await alice.own(run), 'stop').reason, 'stop_loss');
    await alice.stop();
    await alice.over();
    await alice.price('3000');
    await alice.green();
    run = await alice.start();
    await alice.protected(run);
    const { data: [stopped] } = await alice.stop();
    assert.equal(stopped.state, 'stopped');
    await alice.over();
    assert.equal(sold(await alice.own(run), 'market').reason, 'stop');
    await alice.green();
    run = await alice.start();
    await alice.protected(run);
    alice.candle(1, '3000', '2890');
    await alice.see();
    await alice.flat(run);
    assert.equal(sold(await alice.own(run), 'market').reason, 'signal');
    await alice.stop();
    await alice.over();
  })],
  ['halted it stays protected, until somebody takes it over', (context) => withExchange(context, {}, async (inner) => {
    const alice = await Owner.open(inner, 'alice');
    await alice.green();
    let run = await alice.start();
    await alice.protected(run);
    await alice.ok('POST', '/risk/halt');
    const halted = await alice.run();
    assert.deepEqual([halted.state, halted.positions.length], ['stopped', 1]);
    assert.match(halted.error, /halt/);
    assert.equal((await alice.own(run)).filter((one) => one.state === 'accepted' && one.reason !== 'cancelling').length, 2);
    await alice.price('2800');
    await alice.flat(run);
    assert.equal(sold(await alice.own(run), 'stop').reason, 'stop_loss');
    await alice.over();
    /* with all, it is his own business */
    await alice.ok('PUT', '/risk', { state: 'active' });
    await alice.price('3000');
    await alice.green();
    run = await alice.start();
    const { open } = await alice.protected(run);
    await alice.ok('POST', '/risk/halt', { cancel: 'all' });
    for (const { id } of open) await alice.reaches(id, 'cancelled');
    await alice.ok('PUT', '/risk', { state: 'active' });
    const closed = await alice.ok('POST', `/portfolio/positions/ETH-USDT/close?account=${run.account}`);
    await alice.reaches(closed.id, 'filled');
    assert.equal((await alice.own(run)).length, 3, 'nothing more was given');
    await alice.over();
  })],
  ['what a target that was filled in part leaves is watched here', (context) => withExchange(context, QUOTED, async (inner) => {
    const alice = await Owner.open(inner, 'alice');
    await alice.green();
    const run = await alice.start();
    const { open } = await alice.protected(run);
    const [target, stop] = [open.find((one) => one.type === 'limit'), open.find((one) => one.type === 'stop')];
    await inner.exchange.tell({ op: 'fill', key: alice.keys.key, clientId: target.id, quantity: '0.1', price: '3301.1' });
    await alice.reaches(stop.id, 'expired');
    await alice.reaches(target.id, 'partially_filled');
    await alice.price('2800');
    await alice.flat(run);
    assert.equal(sold(await alice.own(run), 'market').reason, 'stop_loss');
    assert.equal((await alice.get(target.id)).state, 'cancelled');
    await alice.stop();
    await alice.over();
  })],
  ['killed between all steps, it holds once what it decided once', (context) => withExchange(context, { BINANCE_RECV_WINDOW_MS: '1000', LIVE_SEND_SECONDS: '30' }, async (inner) => {
    const alice = await Owner.open(inner, 'alice');
    let kills = 0;
    const kill = async (most) => {
      await pause(randomInt(0, most));
      for (const pid of works(inner.stack)) {
        process.kill(pid, 'SIGKILL');
        kills++;
      }
      await until('it is started again', () => works(inner.stack).length > 0);
    };
    for (const [end, trouble] of [['3400', 'drop_after'], ['2800', 'hold_after'], ['3400', 'half']]) {
      await alice.price('3000');
      await alice.green();
      await inner.exchange.tell({ op: 'plan', ...ENTRY, do: trouble });
      const run = await alice.start();
      await until('it has decided', async () => (await alice.own(run)).length > 0, 30);
      for (let i = 0; i < 3; i++) await kill(900);
      await alice.protected(run);
      const bought = (await alice.own(run)).filter((one) => one.side === 'buy');
      assert.equal(bought.length, 1);
      await kill(300);
      await alice.price(end);
      await kill(700);
      await alice.flat(run);
      await alice.stop();
      await kill(300);
      await alice.over();
    }
    return `${kills} kills`;
  })],
];
