/*
 * How fast the engine runs one rule (SMA 10/30 cross, always in the market,
 * all in, every statistic), beside a loop in C that knows no other rule, a
 * numpy script and an event loop in Python. All read the same candles and must
 * make the same trades before any time counts. One core, in turn, medians.
 * Prints Markdown; docs/performance.md says what it means.
 *
 *   tests/bench/engine [--programs build] [--quick] [--into docs/performance.md]
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../e2e/lib/stack.mjs';
import { continued, writeBinary } from './bars.mjs';
import { hardware, here, median, number, tell, watchOthers } from './lib.mjs';

const { values: options } = parseArgs({
  options: {
    programs: { type: 'string', default: join(root, 'build') },
    quick: { type: 'boolean', default: false },
    into: { type: 'string' },
  },
});
const SIZES = [2_000, 45_000, 450_000, ...(options.quick ? [] : [4_500_000])];
const PEERS_MOST = 450_000; /* the event loop needs seconds beyond */
const SMALL = 100_000; /* caches and the branch predictor need a few runs */
const RUNS = 7;
const PYTHON = '/usr/bin/python3'; /* Debian's, which sees python3-numpy */
const PEERS = [
  { name: 'numpy', script: join(here, 'sma_numpy.py') },
  { name: 'events', script: join(here, 'sma_events.py') },
];
/* What the engine may lose against the loop that knows one rule. */
const SAME = 1e-9;

/* The last core: the first one serves most interrupts. */
const pinned = (...words) => execFileSync('taskset', ['-c', String(cpus().length - 1), ...words], { encoding: 'utf8' });
const json = (...words) => JSON.parse(pinned(...words));

function build(folder) {
  const objects = ['engine', 'base'].flatMap((layer) => {
    const path = join(options.programs, 'o', layer);
    return fs.readdirSync(path).filter((name) => name.endsWith('.o')).map((name) => join(path, name));
  });
  const gcc = (name, ...words) => {
    execFileSync('gcc', ['-std=c17', '-D_GNU_SOURCE', '-O2', '-o', join(folder, name), ...words], { cwd: root });
    return join(folder, name);
  };
  return {
    engine: gcc('engine', '-include', 'include/banned.h', '-iquote', 'include/base', '-iquote', 'include/engine', join(here, 'engine.c'), join(here, 'engine_loop.c'),
      ...objects, '-ljson-c', '-lsodium', '-lm'),
    spawn: gcc('spawn', join(here, 'spawn.c')),
  };
}

/* Files of each size: beginnings of one series. */
function writeSizes(folder) {
  const all = continued(Math.max(...SIZES));
  return new Map(SIZES.map((count) => {
    const path = join(folder, String(count));
    writeBinary(path, { count, time: all.time.subarray(0, count), columns: all.columns.map((column) => column.subarray(0, count)) });
    return [count, path];
  }));
}

function compare(name, one, other) {
  if (one.trades === other.trades && Math.abs(one.equity / other.equity - 1) < SAME) return;
  throw new Error(`${name} makes other trades: ${other.trades}, ${other.equity}; the engine ${one.trades}, ${one.equity}`);
}

/* Runs only, warm: the last of several, each program in turn. */
function peersOf(programs, path, ours) {
  const times = { engine: [], numpy: [], events: [] };
  const warm = ours.bars < SMALL ? '7' : '2';
  for (let i = 0; i < RUNS; i++) {
    times.engine.push(json(programs.engine, path, warm).us.at(-1));
    for (const { name, script } of PEERS) {
      const result = json(PYTHON, script, path, warm);
      compare(name, ours, result);
      times[name].push(result.us.at(-1));
    }
  }
  const ratio = (name) => median(times[name].map((us, i) => us / times.engine[i]));
  return { numpy: ratio('numpy'), events: ratio('events') };
}

/* From the start of a process to its end. */
function endToEnd(programs, path) {
  const [engine, ...others] = json(programs.spawn, String(RUNS), '--', programs.engine, path, '1',
    ...PEERS.flatMap(({ script }) => ['--', PYTHON, script, path, '1']));
  return { engine: median(engine), ratios: others.map((times) => median(times.map((us, i) => us / engine[i]))) };
}

function measure(programs, count, path) {
  const pairs = json(programs.engine, path);
  const row = {
    count,
    trades: pairs.trades,
    engine: median(pairs.runs.map((run) => run.engine)),
    loop: median(pairs.runs.map((run) => run.loop)),
    all: median(pairs.runs.map((run) => run.all)),
    ratio: median(pairs.runs.map((run) => run.engine / run.loop)),
    ratioAll: median(pairs.runs.map((run) => run.engine / run.all)),
  };
  const once = json(programs.engine, path, '1');
  row.loaded = once.loaded_kib * 1024;
  row.peak = once.peak_kib * 1024;
  if (count <= PEERS_MOST) {
    row.peers = peersOf(programs, path, pairs);
    row.ends = endToEnd(programs, path);
  }
  return row;
}

const group = (value) => value.toLocaleString('en').replaceAll(',', ' ');
const mebibytes = (bytes) => number(bytes / 2 ** 20);

function speed(rows) {
  return ['| bars | trades | ns a bar | million bars/s | C loop, a few figures: ns a bar | × its time | C loop, all statistics: ns a bar | × its time |', '|---|---|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${[group(row.count), group(row.trades), number(row.engine), number(1000 / row.engine), number(row.loop),
      number(row.ratio), number(row.all), number(row.ratioAll)].join(' | ')} |`)];
}

function peers(rows) {
  return ['| bars | × numpy | × event loop | whole process, ms | × numpy\'s | × event loop\'s |', '|---|---|---|---|---|---|',
    ...rows.filter((row) => row.peers).map((row) => `| ${[group(row.count), number(row.peers.numpy), number(row.peers.events),
      number(row.ends.engine / 1000), ...row.ends.ratios.map(number)].join(' | ')} |`)];
}

function memory(rows) {
  return ['| bars | candles, MiB | peak of a run, MiB | bytes a bar, candles and run |', '|---|---|---|---|',
    ...rows.map((row) => `| ${[group(row.count), mebibytes(row.count * 48), mebibytes(row.peak), number(row.peak / row.count)].join(' | ')} |`)];
}

function needNumpy() {
  try {
    execFileSync(PYTHON, ['-c', 'import numpy'], { stdio: 'ignore' });
  } catch {
    throw new Error('one of the peers needs numpy: apt-get install python3-numpy');
  }
}

function main() {
  const folder = fs.mkdtempSync(join(tmpdir(), 'kontor-bench-'));
  try {
    needNumpy();
    const programs = build(folder);
    const files = writeSizes(folder);
    const others = watchOthers();
    const rows = [...files].map(([count, path]) => measure(programs, count, path));
    tell([`${hardware()}; one core, medians of ${RUNS}, in turn; CPU time, but whole processes by the clock.`, '', ...speed(rows), '', ...peers(rows), '', ...memory(rows), '', others()].join('\n'),
      'tests/bench/engine', options.into);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

main();
