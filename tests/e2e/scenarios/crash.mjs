/*
 * Thousands of orders (KONTOR_CRASH_ORDERS) while workers and the background process are killed in
 * the middle of things: none is lost, none is there twice, and the money is
 * what the fills say, to the last unit. On a stack of its own, whose clock is
 * moved on so that candles close.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pause, until } from '../lib/wait.mjs';
import { withStack } from '../lib/own.mjs';

const MINUTE = 60_000;
const ORDERS = Number(process.env.KONTOR_CRASH_ORDERS ?? 2_000);
const PEOPLE = 4;
const AT_ONCE = 3; /* of one person */
const BALANCE = '1000000';
const ROOMY = {
  PAPER_BALANCE: BALANCE, RISK_OPEN_ORDERS: '1000', RISK_ORDERS_PER_MINUTE: '100000', RISK_POSITIONS: '100',
};

/* Deterministic: mulberry32. */
function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/* Exactly: units of 1e-8. */
function units(text) {
  const [, sign, whole, rest = ''] = /^(-?)(\d+)(?:\.(\d{1,8}))?$/.exec(text) ?? assert.fail(`no amount: ${text}`);
  const value = BigInt(whole) * 100_000_000n + BigInt(rest.padEnd(8, '0'));
  return sign ? -value : value;
}

/* Candles around 100 that close up to the stack's own time. */
class Market {
  constructor(stack) {
    this.stack = stack;
    this.next = Math.floor(Date.now() / MINUTE) * MINUTE - 5 * MINUTE;
  }

  bring(low = '99.01', high = '101') {
    const now = Date.now() + (this.stack.clockMs ?? 0);
    const rows = [];
    for (; this.next + MINUTE <= now; this.next += MINUTE) rows.push(`${this.next},100,${high},${low},100,100000000`);
    if (rows.length === 0) return;
    const file = join(this.stack.folder, 'crash.csv');
    writeFileSync(file, `time,open,high,low,close,volume\n${rows.join('\n')}\n`);
    const done = this.stack.kontor('import', file, '--symbol', 'CRASH', '--interval', '1m');
    assert.equal(done.code, 0, done.err);
  }
}

class Trader {
  constructor(person, client, seed) {
    Object.assign(this, { person, client, random: randomOf(seed), placed: new Map(), cancelled: 0, again: 0 });
  }

  /* Until it is answered: what was killed is asked again, by the same key. */
  async send(method, path, body, headers = {}) {
    for (let tries = 0; tries < 200; tries++) {
      const answer = await this.client.send(method, `/api/v1${path}`, { token: this.person.access, body, headers }).catch(() => undefined);
      if (answer && ![500, 502, 503, 504].includes(answer.status)) return answer;
      this.again++;
      await pause(20);
    }
    return assert.fail(`no answer: ${method} ${path}`);
  }

  #order() {
    const quantity = `${1 + Math.floor(this.random() * 3)}`;
    const side = this.random() < 0.6 ? 'buy' : 'sell';
    const kind = this.random();
    const base = { symbol: 'CRASH', side, quantity };
    if (kind < 0.6) return { ...base, type: 'market' };
    if (kind < 0.85) return { ...base, type: 'limit', price: side === 'buy' ? '99.5' : '100.5' };
    return { ...base, type: 'stop', stop_price: side === 'buy' ? '100.8' : '99.2' };
  }

  async place(name) {
    const body = { ...this.#order(), client_order_id: name };
    const answer = await this.send('POST', '/orders', body, { 'Idempotency-Key': name });
    assert.equal(answer.status, 201, answer.text);
    assert.equal(answer.json.client_order_id, name);
    this.placed.set(name, answer.json.id);
    if (body.type !== 'market' && this.random() < 0.3) await this.cancel(answer.json.id);
  }

  async cancel(id) {
    const answer = await this.send('DELETE', `/orders/${id}`);
    /* 409: it was filled, or an answer that was lost had cancelled it */
    assert.ok([200, 409].includes(answer.status), answer.text);
    this.cancelled++;
  }

  async trade(count) {
    let next = 0;
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      while (next < count) await this.place(`o-${next++}`);
    }));
  }

  async all(path) {
    const items = [];
    for (let cursor = ''; cursor !== null;) {
      const answer = await this.send('GET', `${path}?limit=500${cursor && `&cursor=${cursor}`}`);
      assert.equal(answer.status, 200, answer.text);
      items.push(...answer.json.data);
      cursor = answer.json.next_cursor;
    }
    return items;
  }

  /* None lost, none twice, and every fill accounted for. */
  async check(count) {
    const orders = await this.all('/orders');
    const trades = await this.all('/trades');
    assert.equal(orders.length, count);
    assert.equal(new Set(orders.map((one) => one.client_order_id)).size, count);
    for (const one of orders) assert.equal(one.id, this.placed.get(one.client_order_id));
    const filled = new Map();
    let cash = units(BALANCE);
    let held = 0n;
    for (const trade of trades) {
      const sign = trade.side === 'buy' ? 1n : -1n;
      filled.set(trade.order_id, (filled.get(trade.order_id) ?? 0n) + units(trade.quantity));
      held += sign * units(trade.quantity);
      cash -= sign * units(trade.value) + units(trade.fee);
    }
    for (const one of orders) assert.equal(units(one.filled), filled.get(one.id) ?? 0n, `${one.id} is filled by its fills`);
    const { json: portfolio } = await this.send('GET', '/portfolio');
    assert.equal(units(portfolio.cash), cash, 'the cash is what the fills say');
    assert.equal(units(portfolio.positions[0]?.quantity ?? '0'), held, 'and so is the position');
    const logs = await Promise.all(orders.slice(0, 20).map(({ id }) => this.send('GET', `/orders/${id}`)));
    for (const { json } of logs) assert.equal(json.log.length, json.version, 'each step has its line');
    return { orders: orders.length, trades: trades.length };
  }
}

/* Kills one after the other until it is told to stop; says how many. */
async function killer(stack, random, running) {
  const kinds = [() => stack.pool('api'), () => stack.processes((words) => words[0]?.endsWith('/kontor') && words.includes('work'))];
  let kills = 0;
  while (running.on) {
    await pause(100 + Math.floor(random() * 400));
    const pids = kinds[random() < 0.5 ? 0 : 1]();
    const pid = pids[Math.floor(random() * pids.length)];
    try {
      if (pid) process.kill(pid, 'SIGKILL');
      kills += pid ? 1 : 0;
    } catch {
      /* it had ended by itself */
    }
  }
  return kills;
}

export const tests = [
  ['thousands of orders survive kill -9 of workers and of the background process', (context) => {
    const program = readFileSync(join(context.stack.programs, 'kontor.fcgi'));
    if (!program.includes('KONTOR_TEST_CLOCK')) return 'skipped: the programs have no test clock';
    return withStack(context, { workers: [2, 1], settings: ROOMY }, async ({ stack, client, people }) => {
      const admin = await people.admin();
      const market = new Market(stack);
      market.bring();
      const traders = [];
      for (let i = 0; i < PEOPLE; i++) traders.push(new Trader(await people.make(`trader${i}`), client, i + 1));
      for (const trader of traders)
        assert.equal((await trader.send('PUT', '/risk', { max_open_orders: 1000, orders_per_minute: 100000, price_collar_pct: '50' })).status, 200);
      const each = ORDERS / PEOPLE;
      const running = { on: true };
      const killed = killer(stack, randomOf(99), running);
      const clock = (async () => {
        while (running.on) {
          await pause(1500);
          stack.moveClock(MINUTE);
          market.bring();
        }
      })();
      try {
        await Promise.all(traders.map((trader) => trader.trade(each)));
      } finally {
        running.on = false;
        await clock;
      }
      const kills = await killed;
      await stack.fullPool('api');
      stack.moveClock(2 * MINUTE);
      market.bring('99.01', '101');
      const job = async (name) => {
        const asked = await until(`${name} may run`, async () => {
          const answer = await client.send('POST', `/api/v1/scheduler/jobs/${name}/run`, { token: admin.access });
          return answer.status === 200 && answer.json;
        });
        return until(`${name} has run`, async () => {
          const { json } = await client.send('GET', '/api/v1/scheduler/jobs', { token: admin.access });
          const now = json.data.find((one) => one.name === name);
          return now.runs > asked.runs && !now.run_now && now;
        }, 60);
      };
      await job('orders');
      const sums = [];
      for (const trader of traders) sums.push(await trader.check(each));
      const checked = await job('portfolio-check');
      assert.equal(checked.last_result, 'ok', checked.last_error);
      const trades = sums.reduce((sum, one) => sum + one.trades, 0);
      const again = traders.reduce((sum, one) => sum + one.again, 0);
      assert.ok(kills >= 10, `only ${kills} kills`);
      assert.ok(trades > ORDERS / 3, `only ${trades} trades`);
      return `${ORDERS} orders, ${trades} trades, ${kills} kills, ${again} asked again`;
    });
  }],
];
