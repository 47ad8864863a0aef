/* Queued backtests and searches: live progress, cancelling, runners that are
   killed, quotas, and that one user's sweep makes nobody wait. On a stack of
   its own, on which every backtest is queued. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { isAlive } from '../lib/processes.mjs';
import { until } from '../lib/wait.mjs';
import { withStack } from '../lib/own.mjs';

const definition = JSON.parse(readFileSync(new URL('../data/sma.json', import.meta.url), 'utf8'));
const wide = { fast: { from: 5, to: 30 }, slow: { from: 40, to: 100 } };
const QUEUEING = { BACKTEST_INLINE_WORK: '0', WORK_RUNNERS: '2' };
const OPEN = ['queued', 'running'];

const runners = (stack) => stack.processes((words) => words[0] === 'kontor' && words.includes('--runner'));

class Runs {
  constructor(client, person) {
    Object.assign(this, { client, token: person.access });
  }

  async ask(path, body, status = 202) {
    const answer = await this.client.send('POST', `/api/v1${path}`, { token: this.token, body });
    assert.equal(answer.status, status, answer.text);
    return { ...answer.json, path: answer.headers.location, headers: answer.headers };
  }

  async get(path, status = 200) {
    const answer = await this.client.send('GET', path, { token: this.token });
    assert.equal(answer.status, status, answer.text);
    return answer.json;
  }

  async remove(path) {
    const answer = await this.client.send('DELETE', path, { token: this.token });
    assert.equal(answer.status, 204, answer.text);
  }

  ended(run) {
    return until(`the end of ${run.path}`, async () => {
      const now = await this.get(run.path);
      return !OPEN.includes(now.status) && now;
    }, 90);
  }

  sweep(more = {}) {
    return this.ask('/backtests/sweeps', { definition, symbol: 'GOOG', params: wide, ...more });
  }
}

export const tests = [
  ['a backtest, a sweep and a walk-forward test are computed', (context) => withStack(context, { settings: QUEUEING }, async ({ client, people }) => {
    const runs = new Runs(client, await people.make('alice'));
    const single = await runs.ask('/backtests', { definition, symbol: 'GOOG' });
    assert.equal(single.status, 'queued');
    const backtest = await runs.ended(single);
    assert.equal(backtest.status, 'done', backtest.error);
    assert.equal(backtest.progress, 100);
    assert.ok(backtest.trades.length > 0);
    const sweep = await runs.ended(await runs.sweep({ params: undefined }));
    assert.equal(sweep.status, 'done', sweep.error);
    assert.equal(sweep.result.table.rows.length, sweep.points);
    assert.equal(sweep.result.best.length, 10);
    const columns = sweep.result.table.columns;
    const row = sweep.result.table.rows.find((one) => one[0] === definition.params.fast.default && one[1] === definition.params.slow.default);
    assert.equal(row[columns.indexOf('return_pct')], backtest.stats.return_pct, 'a point is a backtest');
    const walk = await runs.ended(await runs.ask('/backtests/walk-forward', {
      definition, symbol: 'GOOG', in_sample: '730d', out_of_sample: '365d',
    }));
    assert.equal(walk.status, 'done', walk.error);
    assert.ok(walk.result.windows.length >= 3);
    assert.ok(walk.result.equity.length > 100);
    return `${walk.result.windows.length} windows, efficiency ${walk.result.efficiency}`;
  })],
  ['lists and single views show how far it is', (context) => withStack(context, { settings: QUEUEING }, async ({ client, people }) => {
    const runs = new Runs(client, await people.make('alice'));
    const sweep = await runs.sweep();
    const seen = new Set();
    await until('it is done', async () => {
      const [one] = (await runs.get('/api/v1/backtests/sweeps')).data;
      seen.add(`${one.status} ${one.progress}`);
      return one.status === 'done';
    }, 90);
    assert.equal((await runs.get(sweep.path)).points_done, sweep.points);
    return [...seen].join(', ');
  })],
  ['a run that is cancelled ends at once, and goes the second time', (context) => withStack(context, { settings: QUEUEING }, async ({ client, people }) => {
    const runs = new Runs(client, await people.make('alice'));
    const sweep = await runs.sweep();
    await until('it runs', async () => (await runs.get(sweep.path)).status !== 'queued');
    await runs.remove(sweep.path);
    assert.equal((await runs.get(sweep.path)).status, 'cancelled');
    /* the runners are free for the next */
    const next = await runs.ended(await runs.ask('/backtests', { definition, symbol: 'GOOG' }));
    assert.equal(next.status, 'done', next.error);
    assert.equal((await runs.get(sweep.path)).status, 'cancelled');
    await runs.remove(sweep.path);
    await runs.get(sweep.path, 404);
  })],
  ['kill -9 of runners loses nothing and doubles nothing', (context) => withStack(context, { settings: QUEUEING }, async ({ stack, client, people }) => {
    const runs = new Runs(client, await people.make('alice'));
    const whole = await runs.ended(await runs.sweep());
    const killed = await runs.sweep();
    for (let i = 0; i < 6; i++) {
      const [pid] = await until('a runner', () => runners(stack).length > 0 && runners(stack));
      process.kill(pid, 'SIGKILL');
      await until('it is gone', () => !isAlive(pid));
    }
    const after = await runs.ended(killed);
    assert.equal(after.status, 'done', after.error);
    assert.equal(after.points_done, after.points);
    assert.deepEqual(after.result, whole.result);
  })],
  ['another user does not wait for a long sweep', (context) => withStack(context, { settings: QUEUEING }, async ({ client, people }) => {
    const alice = new Runs(client, await people.make('alice'));
    const bob = new Runs(client, await people.make('bob'));
    const long = await alice.sweep();
    await until('it runs', async () => (await alice.get(long.path)).status !== 'queued');
    const single = await bob.ended(await bob.ask('/backtests', { definition, symbol: 'GOOG' }));
    assert.equal(single.status, 'done', single.error);
    const meanwhile = await alice.get(long.path);
    await alice.remove(long.path);
    return `the sweep stood at ${meanwhile.points_done} of ${meanwhile.points}`;
  })],
  ['quotas say which and when', (context) => withStack(context, {
    settings: { ...QUEUEING, BACKTEST_RUNS_AT_ONCE: '1', BACKTEST_RUNS_PER_HOUR: '3', SEARCH_POINTS: '100' },
  }, async ({ stack, client, people }) => {
    const runs = new Runs(client, await people.make('alice'));
    const answer = (body) => client.send('POST', '/api/v1/backtests/sweeps', { token: runs.token, body });
    const many = await answer({ definition, symbol: 'GOOG', params: wide });
    assert.equal(many.status, 400);
    assert.match(many.json.errors[0].message, /100/);
    const few = { definition, symbol: 'GOOG' };
    const signal = (name) => [...stack.processes((words) => words.at(-1) === 'work'), ...runners(stack)].forEach((pid) => process.kill(pid, name));
    try {
      /* nobody computes: it waits. Who was stopped in a transaction goes on to its end. */
      await until('all stand still, and nobody holds the write lock', async () => {
        signal('SIGSTOP');
        const write = await client.send('PATCH', '/api/v1/settings', { token: runs.token, body: { theme: 'dark' } });
        if (write.status !== 200) signal('SIGCONT');
        return write.status === 200;
      });
      const first = await runs.ask('/backtests/sweeps', few);
      const second = await answer(few);
      assert.equal(second.status, 409, second.text);
      assert.match(second.json.detail, /BACKTEST_RUNS_AT_ONCE/);
      await runs.remove(first.path);
      await runs.remove((await runs.ask('/backtests/sweeps', few)).path);
      await runs.remove((await runs.ask('/backtests/sweeps', few)).path);
      const fourth = await answer(few);
      assert.equal(fourth.status, 429, fourth.text);
      assert.match(fourth.json.detail, /BACKTEST_RUNS_PER_HOUR/);
      assert.match(fourth.headers['retry-after'], /^\d+$/);
    } finally {
      signal('SIGCONT');
    }
  })],
  ['work --once runs what waits, and runners end with their process', (context) => withStack(context, { settings: QUEUEING }, async ({ stack, client, people }) => {
    const runs = new Runs(client, await people.make('alice'));
    const [work] = stack.processes((words) => words[0]?.endsWith('/kontor') && words.at(-1) === 'work');
    const pids = await until('both runners', () => runners(stack).length === 2 && runners(stack));
    process.kill(work, 'SIGKILL');
    await until('its runners end too', () => !pids.some(isAlive));
    const sweep = await runs.sweep({ params: undefined });
    const done = stack.kontor('work', '--once');
    assert.equal(done.code, 0, done.err);
    assert.equal((await runs.ended(sweep)).status, 'done');
  })],
];
