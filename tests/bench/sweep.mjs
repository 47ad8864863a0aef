/*
 * A sweep from the request to its result: starts an installation of its own,
 * asks, looks until it is done, prints seconds and points a second; and how
 * long another user's single backtest waits meanwhile. Talks to loopback only
 * and ends what it started.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { People } from '../e2e/lib/people.mjs';
import { Stack, root } from '../e2e/lib/stack.mjs';

const { values: options } = parseArgs({
  options: {
    points: { type: 'string', default: '1000' },
    bars: { type: 'string', default: '45000' },
    runners: { type: 'string', default: '0' },
    server: { type: 'string', default: 'nginx' },
    programs: { type: 'string', default: join(root, 'build') },
    web: { type: 'string', default: join(root, 'build/web') },
  },
});
const POINTS = Number(options.points);
const SLOWS = 40;
const definition = {
  version: 1, name: 'SMA cross', interval: '1m',
  params: { fast: { default: 10, min: 2, max: 1000 }, slow: { default: 30, min: 2, max: 1000 } },
  indicators: { f: { fn: 'sma', period: { param: 'fast' } }, s: { fn: 'sma', period: { param: 'slow' } } },
  entry: { long: { crosses_above: ['f', 's'] }, short: { crosses_below: ['f', 's'] } },
  exit: { long: { crosses_below: ['f', 's'] }, short: { crosses_above: ['f', 's'] } },
  sizing: { mode: 'all_in' },
};
const params = { fast: { from: 5, to: 4 + POINTS / SLOWS, step: 1 }, slow: { from: 50, to: 49 + SLOWS, step: 1 } };

/* A walk in cents, the same on every machine. */
function importWalk(stack, bars) {
  const path = join(stack.folder, 'walk.csv');
  let seed = 1;
  let price = 4_000_000;
  const lines = [];
  for (let i = 0; i < bars; i++) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    const next = Math.round(price * (1 + (seed / 2147483648 - 0.5) * 0.002));
    const [high, low] = [Math.max(price, next) + 100, Math.min(price, next) - 100];
    lines.push([1577836800 + i * 60, ...[price, high, low, next].map((cents) => (cents / 100).toFixed(2)), 1].join(','));
    price = next;
  }
  writeFileSync(path, lines.join('\n'));
  const done = stack.kontor('import', path, '--symbol', 'WALK', '--interval', '1m');
  assert.equal(done.code, 0, done.err);
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function ended(client, token, path) {
  for (;;) {
    const answer = await client.send('GET', path, { token });
    assert.equal(answer.status, 200, answer.text);
    if (!['queued', 'running'].includes(answer.json.status)) return answer.json;
    await pause(20);
  }
}

async function timed(client, token, path, body) {
  const began = performance.now();
  const made = await client.send('POST', path, { token, body });
  assert.equal(made.status, 202, made.text);
  const done = await ended(client, token, made.headers.location);
  assert.equal(done.status, 'done', JSON.stringify(done.error));
  return { done, seconds: (performance.now() - began) / 1000 };
}

const stack = new Stack({
  server: options.server, programs: options.programs, web: options.web,
  settings: { CHECK_REPLIES: 'false', BACKTEST_INLINE_WORK: '0', WORK_RUNNERS: options.runners },
});
try {
  await stack.start();
  importWalk(stack, Number(options.bars));
  const people = new People(stack);
  const [alice, bob] = [await people.make('alice'), await people.make('bob')];
  const sweep = (person) => timed(stack.client, person.access, '/api/v1/backtests/sweeps', { definition, params, symbol: 'WALK' });
  const single = (person) => timed(stack.client, person.access, '/api/v1/backtests', { definition, symbol: 'WALK' });
  console.log(`${cpus().length} cores, ${options.runners === '0' ? 'a runner a core' : `${options.runners} runners`}`);
  for (let i = 0; i < 3; i++) {
    const { done, seconds } = await sweep(alice);
    assert.equal(done.result.table.rows.length, POINTS);
    console.log(`sweep of ${POINTS} points over ${options.bars} candles: ${seconds.toFixed(2)} s, ${Math.round(POINTS / seconds)} points/s`);
  }
  console.log(`a single backtest: ${(await single(bob)).seconds.toFixed(2)} s`);
  const meanwhile = sweep(alice);
  await pause(200);
  console.log(`the same of another user during a sweep: ${(await single(bob)).seconds.toFixed(2)} s`);
  await meanwhile;
} finally {
  if (stack.child?.exitCode === null) await stack.stop();
  stack.remove();
}
