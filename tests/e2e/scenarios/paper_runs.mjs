/* A strategy that trades on paper, by the background process that is killed
   again and again: its trades are those of its backtest. Bob reaches none of
   it. On a stack of its own: candles are everybody's. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../lib/wait.mjs';
import { withStack } from '../lib/own.mjs';

const DAY = 86_400_000;
const FIRST = Date.UTC(2024, 0, 1);
const definition = {
  version: 1, name: 'Waves', interval: '1d',
  indicators: { e: { fn: 'ema', period: 5 } },
  entry: { long: 'crosses_above(close, e)' }, exit: { long: 'crosses_below(close, e)' },
  stops: { stop_loss_pct: '2', take_profit_pct: '9' },
};
const COSTS = { cash: '5000', fee: '0.001', slippage: '0.0005' };

const close = (bar) => 100 + 10 * Math.sin(bar / 3) + (bar * 7919 % 13) / 13;
const row = (bar) => {
  const [open, end] = [close(bar - 0.4), close(bar)];
  return [FIRST + bar * DAY, open, Math.max(open, end) + 1, Math.min(open, end) - 1, end, 1000]
    .map((value, at) => (at === 0 ? value : value.toFixed(2))).join(',');
};
function bring(stack, from, to) {
  const file = join(stack.folder, 'paper.csv');
  writeFileSync(file, `${Array.from({ length: to - from }, (_, i) => row(from + i)).join('\n')}\n`);
  const done = stack.kontor('import', file, '--symbol', 'PAPER', '--interval', '1d');
  assert.equal(done.code, 0, done.err);
}
const works = (stack) => stack.processes((words) => words[0]?.endsWith('/kontor') && words.at(-1) === 'work');

async function sender({ client, people }, name) {
  const person = await people.make(name);
  person.send = async (method, path, body, status = 200) => {
    const answer = await client.send(method, `/api/v1${path}`, { token: person.access, body });
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
    return answer.json;
  };
  return person;
}

/* [quantity, entry, exit, fee, fee, reason] of each trade. */
async function traded(person, account) {
  const { data: fills } = await person.send('GET', `/trades?account=${account}&limit=500`);
  const { data: orders } = await person.send('GET', `/orders?account=${account}&limit=500`);
  const reason = new Map(orders.map((one) => [one.id, one.reason]));
  const all = fills.sort((a, b) => a.seq - b.seq);
  const trades = [];
  for (let i = 0; i + 1 < all.length; i += 2)
    trades.push([all[i].quantity, all[i].price, all[i + 1].price, all[i].fee, all[i + 1].fee, reason.get(all[i + 1].order_id)].join(' '));
  return trades;
}

const run = async (person) => (await person.send('GET', `/strategies/${person.strategy}/runs`)).data[0];

export const tests = [
  ['killed again and again, a paper run trades as its backtest', (context) => withStack(context, {}, async (own) => {
    const { stack, people } = own;
    bring(stack, 0, 1);
    const [alice, bob] = [await sender(own, 'alice'), await sender(own, 'bob')];
    alice.strategy = (await alice.send('POST', '/strategies', { definition }, 201)).id;
    const started = await alice.send('POST', `/strategies/${alice.strategy}/start`, { mode: 'paper', symbol: 'PAPER', ...COSTS }, 201);
    assert.equal(started.mode, 'paper');
    assert.equal(started.cash, '5000');
    const { account } = started;
    assert.ok(account > 0);
    await until('the first candle is seen', async () => (await run(alice)).last_candle !== null);
    let kills = 0;
    for (let bar = 1; bar < 120; bar += 8) {
      bring(stack, bar, bar + 8);
      const pid = await until('it works', () => works(stack)[0]);
      await new Promise((done) => setTimeout(done, (kills * 37) % 300));
      process.kill(pid, 'SIGKILL');
      kills++;
      stack.moveClock(180_000); /* past the lease */
    }
    for (const person of [alice, bob]) await people.login(person);
    const end = new Date(FIRST + 120 * DAY).toISOString();
    const last = await until('all candles are seen', async () => {
      const view = await run(alice);
      assert.equal(view.state, 'running', view.error);
      return Date.parse(view.last_candle) === Date.parse(end) && view;
    });
    const test = await alice.send('POST', '/backtests', { strategy_id: alice.strategy, symbol: 'PAPER', finalize: false, ...COSTS }, 201);
    const wanted = test.trades.map((one) => [one.size, one.entry_price, one.exit_price, one.entry_fee, one.exit_fee, one.exit_reason]
      .map((value) => value.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')).join(' '));
    assert.deepEqual(await traded(alice, account), wanted);
    assert.ok(wanted.length > 5, 'hardly a trade');
    assert.equal(last.trades, wanted.length);
    const { data: accounts } = await alice.send('GET', '/portfolio/accounts?state=open');
    const book = accounts.find((one) => one.account === account);
    assert.equal(book.run_id, started.id);
    assert.equal(book.strategy_name, 'Waves');
    assert.equal(book.equity, last.equity);
    /* nobody else's */
    await bob.send('GET', `/portfolio?account=${account}`, undefined, 404);
    await bob.send('POST', `/portfolio/positions/PAPER/close?account=${account}`, undefined, 404);
    assert.deepEqual((await bob.send('GET', `/trades?account=${account}`)).data, []);
    assert.deepEqual((await bob.send('GET', '/portfolio/accounts')).data, []);
    /* what it holds stays its own until it is stopped */
    if (last.positions.length > 0) {
      assert.equal(last.positions[0].side, 'long');
      assert.ok(Number(last.positions[0].stop) < Number(last.positions[0].entry_price));
      await alice.send('POST', `/portfolio/positions/PAPER/close?account=${account}`, undefined, 409);
    }
    const { data: [stopped] } = await alice.send('POST', `/strategies/${alice.strategy}/stop`, {});
    assert.equal(stopped.state, 'stopped');
    assert.deepEqual(stopped.positions, []);
    assert.equal((await alice.send('GET', `/portfolio?account=${account}`)).closed, true);
    const { data: none } = await alice.send('GET', '/portfolio/accounts?state=open');
    assert.deepEqual(none, []);
    return `${kills} kills, ${wanted.length} trades`;
  })],
  ['POST /risk/halt stops what trades, and says why', (context) => withStack(context, {}, async (own) => {
    bring(own.stack, 0, 1);
    const alice = await sender(own, 'alice');
    alice.strategy = (await alice.send('POST', '/strategies', { definition }, 201)).id;
    await alice.send('POST', `/strategies/${alice.strategy}/start`, { mode: 'paper', symbol: 'PAPER' }, 201);
    await alice.send('POST', '/risk/halt');
    const view = await run(alice);
    assert.equal(view.state, 'stopped');
    assert.match(view.error, /halt/);
  })],
];
