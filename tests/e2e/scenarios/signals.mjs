/* Running strategies: the background process evaluates them on each candle
   that comes in, once, also when it is killed in the middle of it. On stacks
   of their own: candles are everybody's. */
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
};

const close = (bar) => 100 + 10 * Math.sin(bar / 3) + (bar * 7919 % 13) / 13;
const row = (bar) => {
  const price = close(bar).toFixed(2);
  return `${FIRST + bar * DAY},${price},${price},${price},${price},1`;
};

/* Bars from..to-1. */
function bring(stack, from, to) {
  const file = join(stack.folder, 'candles.csv');
  writeFileSync(file, `${Array.from({ length: to - from }, (_, i) => row(from + i)).join('\n')}\n`);
  const done = stack.kontor('import', file, '--symbol', 'WAVE', '--interval', '1d');
  assert.equal(done.code, 0, done.err);
}

const works = (stack) => stack.processes((words) => words[0]?.endsWith('/kontor') && words.at(-1) === 'work');

/* Somebody with this strategy at work on WAVE. */
async function atWork({ client, people }, name) {
  const person = await people.make(name);
  const post = async (path, body) => {
    const answer = await client.send('POST', `/api/v1${path}`, { token: person.access, body });
    assert.equal(answer.status, 201, answer.text);
    return answer.json;
  };
  person.get = async (path) => {
    const answer = await client.send('GET', `/api/v1${path}`, { token: person.access });
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  };
  person.strategy = (await post('/strategies', { definition })).id;
  person.run = await post(`/strategies/${person.strategy}/start`, { mode: 'signal', symbol: 'WAVE' });
  return person;
}

/* Every five seconds is too seldom for a test. */
async function soon({ client, people }) {
  const admin = await people.admin();
  const answer = await client.send('POST', '/api/v1/scheduler/jobs/signals/run', { token: admin.access });
  assert.equal(answer.status, 200, answer.text);
}

const latest = async (person) => (await person.get('/signals?symbols=WAVE')).data[0];
const untilBar = (person, bar) =>
  until(`bar ${bar} is evaluated`, async () => {
    const signal = await latest(person);
    return signal && Date.parse(signal.candle_time) === FIRST + bar * DAY && signal;
  });

async function told(person) {
  const fired = [];
  let cursor = '';
  do {
    const page = await person.get(`/signals/history?limit=7&strategy_id=${person.strategy}${cursor && `&cursor=${cursor}`}`);
    fired.push(...page.data.map(({ candle_time, kind }) => `${candle_time} ${kind}`));
    cursor = page.next_cursor;
  } while (cursor);
  return fired;
}

export const tests = [
  ['a candle that comes in is evaluated, and kept answers show it', (context) => withStack(context, {}, async (own) => {
    const { stack, people, client } = own;
    bring(stack, 0, 60);
    const alice = await atWork(own, 'alice');
    await soon(own);
    const first = await untilBar(alice, 59);
    assert.equal(first.strategy_name, 'Waves');
    assert.equal(first.run_id, alice.run.id);
    assert.equal(first.price, close(59).toFixed(2));
    assert.equal(first.stale, true, 'its candles are of 2024');
    assert.ok(first.strength >= 0 && first.strength <= 1);
    assert.match(first.reason.rule, /^entry_long$|^exit_long$/);
    assert.ok(first.reason.conditions.every(({ text, held }) => typeof text === 'string' && typeof held === 'boolean'));
    let seen = 0;
    for (let bar = 60; bar < 72; bar++) {
      bring(stack, bar, bar + 1);
      await soon(own);
      const signal = await untilBar(alice, bar);
      if (signal.kind !== 'none') {
        seen++;
        const { fired } = await alice.get('/dashboard/signals');
        assert.equal(fired[0].candle_time, signal.candle_time);
        assert.deepEqual(signal.fired, [signal.kind]);
      }
    }
    assert.ok(seen > 0, 'no wave in twelve days');
    const bob = await people.make('bob');
    const other = await client.send('GET', '/api/v1/signals', { token: bob.access });
    assert.deepEqual(other.json.data, []);
    const stopped = await client.send('POST', `/api/v1/strategies/${alice.strategy}/stop`, { token: alice.access, body: {} });
    assert.equal(stopped.json.data.length, 1);
    assert.deepEqual((await alice.get('/signals')).data, []);
    return `${seen} signals`;
  })],
  ['kill -9 repeats nothing and loses nothing', (context) => withStack(context, {}, async (own) => {
    const { stack, people } = own;
    bring(stack, 0, 30);
    const [alice, bob] = [await atWork(own, 'alice'), await atWork(own, 'bob')];
    await soon(own);
    await untilBar(alice, 29);
    await untilBar(bob, 29);
    let kills = 0;
    for (let bar = 30; bar < 150; bar += 8) {
      bring(stack, bar, bar + 8);
      const pid = await until('it works', () => works(stack)[0]);
      await new Promise((done) => setTimeout(done, (kills * 37) % 300));
      process.kill(pid, 'SIGKILL');
      kills++;
      stack.moveClock(180_000); /* past the lease */
    }
    for (const person of [alice, bob]) await people.login(person);
    await untilBar(alice, 149);
    await untilBar(bob, 149);
    const fired = await told(alice);
    assert.equal(new Set(fired).size, fired.length, 'twice');
    assert.deepEqual(await told(bob), fired, 'two that run the same said different things');
    /* a fresh look at the same candles: a backtest enters on the bar after */
    const answer = await own.client.send('POST', '/api/v1/backtests', { token: alice.access, body: { definition, symbol: 'WAVE' } });
    assert.equal(answer.status, 201, answer.text);
    const entries = answer.json.trades.map(({ entry_time }) => Date.parse(entry_time) - DAY).filter((time) => time > FIRST + 29 * DAY);
    const said = fired.filter((line) => line.endsWith('entry_long')).map((line) => Date.parse(line.split(' ')[0]));
    for (const time of entries) assert.ok(said.includes(time), new Date(time).toISOString());
    assert.ok(entries.length > 3);
    return `${kills} kills, ${fired.length} signals`;
  })],
];
