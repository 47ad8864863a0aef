/*
 * The pages and lists of a user with 10 000 orders and 10 000 fills, each
 * beside GET auth/me of the same round: made anew each time (a life of 0 in
 * the cache), and as shipped. One client: what a page costs, not how many a
 * machine serves. Prints Markdown; docs/performance.md says what it means.
 *
 *   tests/bench/dashboard [--rounds 5] [--seconds 2] [--orders 10000]
 *     [--programs build] [--into docs/performance.md]
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../e2e/lib/stack.mjs';
import { Bench, describe, median, number, tell, watchOthers } from './lib.mjs';

const { values: options } = parseArgs({
  options: {
    server: { type: 'string', default: 'nginx' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    orders: { type: 'string', default: '10000' },
    programs: { type: 'string', default: join(root, 'build') },
    into: { type: 'string' },
  },
});
const COUNT = Number(options.orders);
const SYMBOLS = 20;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const UNCACHED = { CACHE_TTL_OVERVIEW: '0', CACHE_TTL_TRADING: '0', CACHE_TTL_RISK: '0', CACHE_TTL_SIGNALS: '0' };
const ME = { name: 'GET auth/me', path: '/api/v1/auth/me' };
const PAGES = ['overview', 'trading', 'risk', 'signals'].map((page) => ({ name: `GET dashboard/${page}`, path: `/api/v1/dashboard/${page}`, kept: true }));
const LISTS = ['orders', 'orders?state=open', 'orders?state=denied', 'trades', 'trades?symbol=S7', 'portfolio', 'risk']
  .map((path) => ({ name: `GET ${path}`, path: `/api/v1/${path}` }));

/* ---- a user who has traded a lot ---------------------------------------------- */

function bringSymbols(stack) {
  const last = Math.floor(Date.now() / MINUTE) * MINUTE - MINUTE;
  const file = join(stack.folder, 'symbol.csv');
  fs.writeFileSync(file, `time,open,high,low,close,volume\n${Array.from({ length: 5 }, (_, i) => `${last - (4 - i) * MINUTE},100,101,99,100,1000`).join('\n')}\n`);
  for (let i = 0; i < SYMBOLS; i++) {
    const { code, err } = stack.kontor('import', file, '--symbol', `S${i}`, '--interval', '1m');
    if (code !== 0) throw new Error(err);
  }
}

/* Rows as they stand after that many fills in a hundred days: each tenth
   closes something, one in twenty of the orders was denied today, 20 rest. */
const history = (user, now) => `
PRAGMA foreign_keys = ON;
BEGIN IMMEDIATE;
INSERT INTO trade_accounts (user_id, account, venue, start_balance, opened_at, peak_equity)
  VALUES ('${user}', 1, 'paper', 1000000000000000, ${now - 100 * DAY}, 1100000000000000);
CREATE TEMP TABLE n AS WITH RECURSIVE n (i, at) AS (SELECT 1, ${now - 100 * DAY} UNION ALL
  SELECT i + 1, ${now - 100 * DAY} + (i + 1) * ${Math.floor(100 * DAY / COUNT)} FROM n WHERE i < ${COUNT}) SELECT i, at FROM n;
INSERT INTO orders (user_id, id, account, client_order_id, venue, source, symbol, side, type, time_in_force, post_only, reduce_only,
    quantity, bound, state, filled, filled_value, seen_until, created_at, updated_at)
  SELECT '${user}', printf('01order%019d', i), 1, 'c' || i, 'paper', 'manual', 'S' || (i % ${SYMBOLS}), CASE WHEN i % 10 THEN 'buy' ELSE 'sell' END, 'market',
    'gtc', 0, 0, 100000000, 10000000000, 'filled', 100000000, 10000000000, at, at, at FROM n;
INSERT INTO orders (user_id, id, account, client_order_id, venue, source, symbol, side, type, time_in_force, post_only, reduce_only,
    quantity, bound, state, reason, seen_until, created_at, updated_at)
  SELECT '${user}', printf('02order%019d', i), 1, 'd' || i, 'paper', 'manual', 'S1', 'buy', 'market', 'gtc', 0, 0, 100000000, 10000000000,
    'denied', 'max_order_value', ${now}, ${now} - i, ${now} FROM n WHERE i % 20 = 0;
INSERT INTO orders (user_id, id, account, client_order_id, venue, source, symbol, side, type, time_in_force, post_only, reduce_only,
    quantity, price, bound, state, seen_until, created_at, updated_at)
  SELECT '${user}', printf('00order%019d', i), 1, 'o' || i, 'paper', 'manual', 'S2', 'buy', 'limit', 'gtc', 0, 0, 100000000, 100000000, 100000000,
    'accepted', ${now + DAY}, ${now - DAY}, ${now} FROM n WHERE i <= 20;
INSERT INTO fills (user_id, id, account, seq, order_id, symbol, side, quantity, price, value, fee, maker, realised, candle_time, created_at)
  SELECT '${user}', printf('01fill%020d', i), 1, i, printf('01order%019d', i), 'S' || (i % ${SYMBOLS}), CASE WHEN i % 10 THEN 'buy' ELSE 'sell' END, 100000000,
    10000000000, 10000000000, 10000000, 0, CASE WHEN i % 10 THEN 0 WHEN i % 30 THEN 50000000 ELSE -70000000 END, at, at FROM n;
INSERT INTO cash_entries (user_id, account, seq, kind, amount, balance, created_at)
  VALUES ('${user}', 1, 1, 'start', 1000000000000000, 1000000000000000, ${now - 100 * DAY});
INSERT INTO positions (user_id, account, symbol, quantity, cost, realised, fees, last_seq, updated_at)
  SELECT '${user}', 1, 'S' || i, 40000000000, 4000000000000, 0, 0, i, ${now} FROM n WHERE i < ${SYMBOLS};
INSERT OR IGNORE INTO equity_snapshots (user_id, account, at, cash, equity, exposure)
  SELECT '${user}', 1, at / ${MINUTE} * ${MINUTE}, 1000000000000000, 1000000000000000 + i * 100000000, 0 FROM n;
INSERT INTO risk_days (user_id, account, day, start_equity, low_equity, last_equity, orders, denied, fills, wins, losses, won, lost, fees, volume)
  SELECT user_id, 1, created_at / ${DAY} * ${DAY}, 1000000000000000, 1, 1, COUNT(*), 0, COUNT(*), sum(realised > 0), sum(realised < 0),
    sum(max(realised, 0)), sum(min(realised, 0)), sum(fee), sum(value) FROM fills GROUP BY 3;
COMMIT;`;

async function prepare(bench) {
  bringSymbols(bench.stack);
  const me = await bench.stack.client.send('GET', ME.path, { token: bench.token });
  execFileSync('sqlite3', ['-cmd', '.timeout 20000', join(bench.stack.data, 'kontor.db')], { input: history(me.json.id, Date.now()), stdio: ['pipe', 'ignore', 'inherit'] });
  for (const row of [...PAGES, ...LISTS]) {
    const { status, text } = await bench.stack.client.send('GET', row.path, { token: bench.token });
    if (status !== 200) throw new Error(`${row.path}: ${text}`);
  }
}

/* ---- the measurement ------------------------------------------------------------- */

async function measure(settings, rows) {
  const bench = new Bench(options, { WORK_INTERVAL_SECONDS: '3600', ...settings });
  const slices = new Map([ME, ...rows].map((row) => [row, []]));
  try {
    await bench.start();
    await prepare(bench);
    for (let round = 0; round < Number(options.rounds); round++) {
      for (const [row, list] of slices) list.push(await bench.slice({ ...row, pool: 'api', connections: 1, tokens: [bench.token] }));
      process.stderr.write(`round ${round + 1} of ${options.rounds}\n`);
    }
    return slices;
  } catch (error) {
    console.error(error.stack, '\n', bench.stack.logged());
    process.exitCode = 1;
    throw error;
  } finally {
    await bench.end();
  }
}

/* Of the rows of one run, each against auth/me of the same round. */
function lines(slices, words) {
  const me = slices.get(ME);
  const of = (list, name) => number(median(list.map((slice) => slice[name])));
  const ratio = (list, name) => number(median(list.map((slice, i) => slice[name] / me[i][name])));
  return [...slices].map(([row, list]) => `| ${[`${row.name}${row === ME ? '' : words}`, ratio(list, 'p50'), ratio(list, 'p99'),
    `${of(list, 'p50')} / ${of(list, 'p99')}`, list.reduce((sum, slice) => sum + slice.errors, 0)].join(' | ')} |`);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
const others = watchOthers();
const cold = lines(await measure(UNCACHED, [...PAGES, ...LISTS]), '');
const warm = lines(await measure({}, PAGES), ', as shipped').slice(1);
tell([`${describe(options)}; one client; a user with ${COUNT} orders, ${COUNT} fills, ${SYMBOLS} positions, 20 open orders and ${COUNT / 20} denied ones of today.`, '',
  '| what | p50 × auth/me | p99 × auth/me | p50 / p99 ms | errors |', '|---|---|---|---|---|', ...cold, ...warm, '', others()].join('\n'),
'tests/bench/dashboard', options.into);
