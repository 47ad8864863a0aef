/*
 * From asking for a small backtest (SMA cross on GOOG, 2148 days) to having
 * its result, through the stack as shipped, beside a request that only says
 * who asks: one user, and eight at once; kept, not kept, and with the long
 * report. Rounds in turn. Prints Markdown;
 * docs/performance.md says what it means.
 *
 *   tests/bench/backtests [--rounds 7] [--seconds 1] [--programs build]
 *     [--into docs/performance.md]
 */
import fs from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../e2e/lib/stack.mjs';
import { BACKTEST_LIMITS, Bench, describe, median, number, pause, tell, watchOthers } from './lib.mjs';

const { values: options } = parseArgs({
  options: {
    server: { type: 'string', default: 'nginx' },
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '1' },
    programs: { type: 'string', default: join(root, 'build') },
    into: { type: 'string' },
  },
});
const USERS = 8;
const ME = '/api/v1/auth/me';
const BACKTESTS = '/api/v1/backtests';
const definition = JSON.parse(fs.readFileSync(join(root, 'tests/e2e/data/sma.json'), 'utf8'));
const ASKED = { definition, symbol: 'GOOG', cash: '10000', fee: '0.001' };
const BODIES = {
  'POST backtests': ASKED,
  'the same, not kept': { ...ASKED, keep: false },
  'the same, with the report': { ...ASKED, keep: false, report: true },
};

const rowsOf = (tokens) => [1, USERS].flatMap((users) => {
  const who = users === 1 ? 'one user' : `${users} users at once`;
  const common = { pool: 'api', connections: users, tokens: tokens.slice(0, users) };
  return [
    { ...common, name: `GET auth/me, ${who}`, path: ME },
    ...Object.entries(BODIES).map(([name, body]) => ({ ...common, name: `${name}, ${who}`, path: BACKTESTS, bodies: [JSON.stringify(body)] })),
  ];
});

async function measure(bench, rows) {
  for (const row of rows) row.slices = [];
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const row of rows) {
      row.slices.push(await bench.slice(row));
      await pause(100);
    }
    process.stderr.write(`round ${round + 1} of ${options.rounds}\n`);
  }
}

/* Each row over the empty request in front of it. */
function table(rows) {
  const group = 1 + Object.keys(BODIES).length;
  const of = (row, name) => median(row.slices.map((slice) => slice[name]));
  const ratio = (i, name) => (i % group === 0 ? 1
    : number(median(rows[i].slices.map((slice, round) => slice[name] / rows[i - i % group].slices[round][name]))));
  return ['| what | × p50 | × p99 | p50 / p99 ms | answers/s | CPU µs web + app | errors |', '|---|---|---|---|---|---|---|',
    ...rows.map((row, i) => `| ${[row.name, ratio(i, 'p50'), ratio(i, 'p99'), `${number(of(row, 'p50'))} / ${number(of(row, 'p99'))}`,
      number(of(row, 'rate')), `${number(of(row, 'web'))} + ${number(of(row, 'app'))}`,
      row.slices.reduce((sum, slice) => sum + slice.errors, 0)].join(' | ')} |`)];
}

async function main() {
  const bench = new Bench(options, BACKTEST_LIMITS);
  try {
    await bench.start();
    const tokens = [];
    for (let i = 0; i < USERS; i++) tokens.push((await bench.account(`bench-user-${i}`)).token);
    const first = await bench.stack.client.send('POST', BACKTESTS, { body: JSON.stringify(ASKED), token: tokens[0] });
    if (first.status !== 201) throw new Error(`${first.status} ${first.text}`);
    const rows = rowsOf(tokens);
    const others = watchOthers();
    await measure(bench, rows);
    tell([`${describe(options)}.`, '', ...table(rows), '', `An answer of the backtest has ${number(first.body.length / 1024)} KiB. ${others()}`]
      .join('\n'), 'tests/bench/backtests', options.into);
  } catch (error) {
    console.error(error.stack, '\n', bench.stack.logged());
    process.exitCode = 1;
  } finally {
    await bench.end();
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
await main();
