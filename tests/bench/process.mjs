/*
 * What the workers cost and survive: memory of both pools when idle, the time
 * from starting a pool to its first answer, and workers killed under load.
 * Prints Markdown; docs/performance.md says what it means.
 *
 *   tests/bench/process [--server nginx|lighttpd] [--kills 50]
 *     [--programs build] [--into docs/performance.md]
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../e2e/lib/stack.mjs';
import { Bench, WORKERS, median, number, pause, tell } from './lib.mjs';

const { values: options } = parseArgs({
  options: {
    server: { type: 'string', default: 'nginx' },
    seconds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '32' },
    kills: { type: 'string', default: '50' },
    programs: { type: 'string', default: join(root, 'build') },
    into: { type: 'string' },
  },
});
const PAGE = { path: '/api/v1/dashboard/overview', token: true };
const KILL_EVERY_MS = 150;
const IDLE_MS = 15_000; /* memory that is only kept between hashes is given back by then */
const STARTS = 5;

/* Proportional set size: shared pages count by their share. KiB. */
const pss = (pids) => pids.reduce((sum, pid) => {
  const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return sum + Number(/^Pss: +(\d+)/m.exec(text)[1]);
}, 0);
const pools = (bench) => [...bench.stack.pool('api'), ...bench.stack.pool('auth')];
const mebibytes = (kib) => `${number(kib / 1024)} MiB`;

/* A pool beside the running one, behind a location of its own. */
async function firstAnswer(bench, socket) {
  const { programs, data } = bench.stack;
  const began = performance.now();
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', 'spawn-fcgi', '-n', '-s', socket, '-M', '0600', '-b', '4096', '--',
    '/usr/bin/multiwatch', '-f', String(WORKERS), '-r', '1000000', '-t', '1', '-s', 'TERM', '--',
    join(programs, 'kontor.fcgi'), '--config', join(data, 'kontor.conf'), '--pool', 'api'],
  { stdio: 'ignore', env: bench.stack.environment() });
  while (await bench.ask('/bench/start') !== 200) await pause(1);
  const took = performance.now() - began;
  child.kill('SIGTERM');
  await new Promise((done) => child.on('exit', done));
  fs.rmSync(socket, { force: true });
  return took;
}

/* Kills a random API worker again and again while the load lasts. */
async function killWorkers(bench, load) {
  let over = false;
  let kills = 0;
  load.then(() => (over = true));
  while (!over && kills < Number(options.kills)) {
    await pause(KILL_EVERY_MS);
    const pids = bench.stack.pool('api');
    if (pids.length === 0) continue;
    try {
      process.kill(pids[kills % pids.length], 'SIGKILL');
      kills++;
    } catch {
      /* it ended by itself */
    }
  }
  return kills;
}

async function main() {
  const bench = new Bench(options);
  const socket = join(bench.stack.folder, 'start.sock');
  const more = options.server === 'nginx' ? `
		location = /bench/start {
			fastcgi_param REQUEST_METHOD GET;
			fastcgi_param REQUEST_URI /api/v1/health/ready;
			fastcgi_param REMOTE_ADDR 127.0.0.1;
			fastcgi_param HTTPS on;
			fastcgi_pass unix:${socket};
		}` : '';
  try {
    await bench.start(more);
    await pause(IDLE_MS);
    const idle = pss(pools(bench));
    const starts = [];
    if (more) for (let i = 0; i < STARTS; i++) starts.push(await firstAnswer(bench, socket));
    options.seconds = String(Math.ceil(Number(options.kills) * KILL_EVERY_MS / 1000) + 2);
    const load = bench.wrk(PAGE, options.connections);
    const kills = await killWorkers(bench, load);
    const result = await load;
    if (result.failed) throw new Error(`wrk: ${result.failed}`);
    const after = (await bench.stack.fullPool('api')).length;
    await pause(IDLE_MS);
    tell([
      `| what | |`, `|---|---|`,
      `| both pools idle (${pools(bench).length} workers), PSS | ${mebibytes(idle)} |`,
      `| the same after the load below | ${mebibytes(pss(pools(bench)))} |`,
      ...(more ? [`| from starting a pool to its first 200, median of ${STARTS} | ${number(median(starts))} ms |`] : []),
      `| \`kill -9\` of API workers under ${options.connections} clients | ${kills} |`,
      `| answers meanwhile; failed | ${result.requests}; ${result.errors} |`,
      `| workers afterwards | ${after} of ${WORKERS} |`,
    ].join('\n'), `tests/bench/process ${options.server}`, options.into);
  } catch (error) {
    console.error(error.stack, '\n', bench.stack.logged());
    process.exitCode = 1;
  } finally {
    await bench.end();
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
await main();
