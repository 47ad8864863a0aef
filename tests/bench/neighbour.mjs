/*
 * One user keeps the most expensive backtests running that the limits allow:
 * every node and indicator a definition may have, over millions of candles.
 * Another asks who he is, and runs a small backtest. How much longer does he
 * wait than without the neighbour? Rounds in turn: without, with. Prints
 * Markdown; docs/performance.md says what it means.
 *
 *   tests/bench/neighbour [--rounds 7] [--seconds 2] [--bars 4500000]
 *     [--programs build] [--into docs/performance.md]
 */
import fs from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../e2e/lib/stack.mjs';
import { continued, writeCsv } from './bars.mjs';
import { BACKTEST_LIMITS, Bench, describe, median, number, pause, tell } from './lib.mjs';

const { values: options } = parseArgs({
  options: {
    server: { type: 'string', default: 'nginx' },
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '2' },
    bars: { type: 'string', default: '4500000' },
    programs: { type: 'string', default: join(root, 'build') },
    into: { type: 'string' },
  },
});
const SYMBOL = 'BTC-LONG';
const NODES = 256;
const INDICATORS = 64;
const AT_ONCE = 4; /* of the neighbour's */
const BACKTESTS = '/api/v1/backtests';
const small = {
  definition: JSON.parse(fs.readFileSync(join(root, 'tests/e2e/data/sma.json'), 'utf8')), symbol: 'GOOG', cash: '10000', fee: '0.001',
};
const ROWS = [
  { name: 'GET auth/me', path: '/api/v1/auth/me' },
  { name: 'POST backtests, 2148 days', path: BACKTESTS, bodies: [JSON.stringify(small)] },
];

/* ---- the most expensive definition ------------------------------------------ */

/* A declaration with longish periods, all different; what has a default keeps it. */
function declaration(schema, k) {
  const made = { fn: schema.title };
  for (const name of schema.required)
    if (name !== 'fn') made[name] = Math.min(40 + 7 * k, schema.properties[name].anyOf[0].maximum);
  if (schema.properties.period) made.period = 40 + 7 * k;
  return made;
}

const wordOf = (id, outputs) => (outputs.length > 1 ? `${id}.${outputs[0]}` : id);

function definitionOf(schemas) {
  const indicators = {};
  const words = [];
  for (let k = 0; k < INDICATORS; k++) {
    const schema = schemas[k % schemas.length];
    indicators[`i${k}`] = declaration(schema, k);
    words.push(wordOf(`i${k}`, schema.properties.output.enum));
  }
  /* Four rules of one list each, three nodes a comparison. */
  const each = Math.floor((NODES / 4 - 1) / 3);
  const rule = (first) => ({ any: Array.from({ length: each }, (_, i) => {
    const at = (first * each + i) % INDICATORS;
    return { [i % 2 ? 'crosses_above' : 'crosses_below']: [words[at], words[(at + 1 + first) % INDICATORS]] };
  }) });
  return {
    version: 1, name: 'All there is', interval: '1m', indicators,
    entry: { long: rule(0), short: rule(1) }, exit: { long: rule(2), short: rule(3) }, sizing: { mode: 'pct_equity', pct: '1' },
  };
}

async function worst(post, get) {
  const schema = (await get('/api/v1/strategies/schema')).json;
  const definition = definitionOf(schema.$defs.indicator.oneOf);
  const { status, text } = await post('/api/v1/strategies/validate', { definition });
  if (status !== 200) throw new Error(text);
  return definition;
}

/* ---- the neighbour ------------------------------------------------------------- */

class Neighbour {
  constructor(client, account) {
    Object.assign(this, { client, account, done: 0, refused: 0, took: [] });
  }

  send(method, path, body) {
    return this.client.send(method, path, { body, token: this.account.token });
  }

  async prepare() {
    const definition = await worst((path, body) => this.send('POST', path, body), (path) => this.send('GET', path));
    this.body = JSON.stringify({ definition, symbol: SYMBOL, cash: '1000000' });
  }

  /* One run from asking for it to its end, wherever it is computed. */
  async one() {
    const began = performance.now();
    const asked = await this.send('POST', BACKTESTS, this.body);
    if (asked.status === 429 || asked.status === 409) {
      this.refused++;
      return pause(200);
    }
    if (asked.status !== 201 && asked.status !== 202) throw new Error(`${asked.status} ${asked.text.slice(0, 500)}`);
    const { id } = asked.json;
    let status = asked.json.status;
    while (this.on && (status === 'queued' || status === 'running')) {
      await pause(200);
      status = (await this.send('GET', `${BACKTESTS}/${id}`)).json.status;
    }
    if (status === 'failed') throw new Error((await this.send('GET', `${BACKTESTS}/${id}`)).text.slice(0, 500));
    if (status === 'done') {
      this.done++;
      this.took.push(performance.now() - began);
    }
    return this.send('DELETE', `${BACKTESTS}/${id}`);
  }

  async start() {
    this.on = true;
    this.loops = Array.from({ length: AT_ONCE }, async () => {
      while (this.on) await this.one();
    });
    await pause(1000);
  }

  async stop() {
    this.on = false;
    await Promise.all(this.loops);
  }
}

/* ---- the measurement ------------------------------------------------------------- */

async function importLong(bench) {
  const path = join(bench.stack.folder, 'long.csv');
  writeCsv(path, continued(Number(options.bars)));
  const { code, err } = bench.stack.kontor('import', path, '--symbol', SYMBOL, '--interval', '1m');
  fs.rmSync(path);
  if (code !== 0) throw new Error(err.slice(0, 500));
}

async function measure(bench, neighbour, token) {
  const rows = ROWS.map((row) => ({ ...row, pool: 'api', connections: 1, tokens: [token], alone: [], beside: [] }));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const row of rows) row.alone.push(await bench.slice(row));
    await neighbour.start();
    for (const row of rows) row.beside.push(await bench.slice(row));
    await neighbour.stop();
    process.stderr.write(`round ${round + 1} of ${options.rounds}\n`);
  }
  return rows;
}

function table(rows) {
  const of = (slices, name) => number(median(slices.map((slice) => slice[name])));
  const ratio = (row, name) => number(median(row.beside.map((slice, i) => slice[name] / row.alone[i][name])));
  return ['| what | × p50 | × p99 | alone, p50 / p99 ms | beside the neighbour, p50 / p99 ms | errors |', '|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${[row.name, ratio(row, 'p50'), ratio(row, 'p99'), `${of(row.alone, 'p50')} / ${of(row.alone, 'p99')}`,
      `${of(row.beside, 'p50')} / ${of(row.beside, 'p99')}`,
      [...row.alone, ...row.beside].reduce((sum, slice) => sum + slice.errors, 0)].join(' | ')} |`)];
}

async function main() {
  const bench = new Bench(options, BACKTEST_LIMITS);
  try {
    await bench.start();
    await importLong(bench);
    const neighbour = new Neighbour(bench.stack.client, await bench.account('bench-neighbour'));
    await neighbour.prepare();
    const rows = await measure(bench, neighbour, bench.token);
    tell([`${describe(options)}; one client.`, '', ...table(rows), '',
      `The neighbour keeps ${AT_ONCE} backtests of ${INDICATORS} indicators and ${NODES} nodes over ${options.bars} candles waiting or running; ` +
      `${neighbour.done} ended in time, ${neighbour.took.length ? `each after ${number(median(neighbour.took) / 1000)} s (median)` : 'the rest was cancelled'}, ` +
      `${neighbour.refused} were refused.`].join('\n'), 'tests/bench/neighbour', options.into);
  } catch (error) {
    console.error(error.stack, '\n', bench.stack.logged());
    process.exitCode = 1;
  } finally {
    await bench.end();
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
await main();
