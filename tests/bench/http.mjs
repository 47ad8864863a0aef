/*
 * How fast Kontor answers, in one run on one machine: the stack as `make run`
 * starts it (TLS, logs, the whole gate) beside floors behind the same web
 * server, the same with Redis, and a Fastify server that logs in with the
 * same Argon2id, in interleaved rounds. Prints Markdown; docs/performance.md
 * says what it means.
 *
 *   tests/bench/http [--server nginx|lighttpd] [--rounds 5] [--seconds 2]
 *     [--connections 64] [--programs build] [--into docs/performance.md]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../e2e/lib/stack.mjs';
import { Peer } from './fastify/peer.mjs';
import { Redis } from './redis.mjs';
import { Bench, FLOOD, FRESH, LOGIN, describe, median, number, pause, tell } from './lib.mjs';

const { values: options } = parseArgs({
  options: {
    server: { type: 'string', default: 'nginx' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    connections: { type: 'string', default: '64' },
    programs: { type: 'string', default: join(root, 'build') },
    into: { type: 'string' },
  },
});
const LOGINS_AT_ONCE = 4;
const PAGE = '/api/v1/dashboard/overview';
const LIVE = '/api/v1/health/live';

/* on: which stack answers; goal: [column, at least]. */
const rowsOf = (server) => [
  server === 'nginx'
    ? { name: 'nginx `return`', short: '`return`', path: '/bench/return' }
    : { name: 'static file', short: 'static file', path: '/favicon.svg' },
  { name: 'bare libfcgi, textbook, connections closed', path: '/bench/close', pool: 'close' },
  ...(server === 'nginx' ? [{ name: 'bare libfcgi, textbook, connections kept', path: '/bench/keep', pool: 'keep' }] : []),
  { name: `bare libfcgi under epoll, connections ${server === 'nginx' ? 'kept' : 'closed'}`, path: '/bench/epoll', pool: 'epoll' },
  { name: 'GET health/live', path: LIVE, pool: 'api' },
  { name: 'GET dashboard/overview, HIT', path: PAGE, pool: 'api', token: true },
  { name: 'the same with Redis', path: PAGE, pool: 'api', token: true, on: 'redis' },
  { name: 'the same, never cached', path: PAGE, pool: 'api', token: true, on: 'uncached' },
  { name: 'GET auth/me, token', path: '/api/v1/auth/me', pool: 'api', token: true },
  ...[16, 256, 1000].map((connections) => ({
    name: `GET dashboard/overview, HIT, ${connections} clients`, path: PAGE, pool: 'api', token: true, connections })),
  { name: `GET dashboard/overview, HIT, while ${FLOOD} clients log in`, path: PAGE, pool: 'api', token: true, flood: true, on: 'shipped' },
  { name: 'the same without the queue in the web server', path: PAGE, pool: 'api', token: true, flood: true },
  { name: `POST auth/login, ${LOGINS_AT_ONCE} clients (fresh: health/live)`, path: LOGIN, pool: 'auth', bodies: true,
    connections: LOGINS_AT_ONCE, fresh: LIVE },
  { name: 'Fastify, the same login', path: '/bench/fastify', bodies: true, connections: LOGINS_AT_ONCE, fresh: LIVE },
];

async function measure(benches, rows) {
  for (const row of rows) row.slices = [];
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const row of rows) {
      row.slices.push(await benches[row.on ?? 'local'].quietSlice(row));
      await pause(100);
    }
    process.stderr.write(`round ${round + 1} of ${options.rounds}\n`);
  }
}

function table(rows) {
  const of = (row, name) => median(row.slices.map((slice) => slice[name]));
  const ratio = (row, floor, name = 'rate') =>
    (row.bodies || !floor ? '' : number(median(row.slices.map((slice, i) => slice[name] / floor.slices[i][name]))));
  const [first] = rows;
  const epoll = rows.find((row) => row.pool === 'epoll');
  const lines = [`${describe(options)}.`, '',
    `| what | × ${first.short} | × bare epoll | p99 × bare epoll | requests/s | p50 / p99 ms | CPU µs web + app | fresh of ${FRESH} (fewest) | errors |`,
    '|---|---|---|---|---|---|---|---|---|'];
  for (const row of rows) {
    const cells = [row.name, ratio(row, first), ratio(row, epoll), ratio(row, epoll, 'p99'), number(of(row, 'rate')),
      `${number(of(row, 'p50'))} / ${number(of(row, 'p99'))}`,
      row.flood ? '' : `${number(of(row, 'web'))} + ${number(of(row, 'app'))}`,
      Math.min(...row.slices.map((slice) => slice.fresh)), row.slices.reduce((sum, slice) => sum + slice.errors, 0)];
    lines.push(`| ${cells.join(' | ')} |`);
  }
  return lines;
}

function findings(rows) {
  const pair = (one, other) => median(one.slices.map((slice, i) => slice.rate / other.slices[i].rate));
  const hit = rows.find((row) => row.path === PAGE && !row.on);
  const [shipped, flooded] = rows.filter((row) => row.flood);
  const [own, peer] = rows.filter((row) => row.bodies);
  const miss = rows.find((row) => row.on === 'uncached');
  const slices = rows.flatMap((row) => row.slices);
  const percent = (name) => [median(slices.map((slice) => slice[name])), Math.max(...slices.map((slice) => slice[name]))]
    .map((share) => `${(share * 100).toFixed(0)} %`);
  const [usual, most] = percent('noise');
  const [stolen, mostStolen] = percent('steal');
  return ['',
    `While ${FLOOD} clients log in, ${(pair(shipped, hit) * 100).toFixed(0)} % of the rate is left ` +
      `(${(pair(flooded, hit) * 100).toFixed(0)} % without the queue). ` +
      `An uncached answer costs ${number(1 / pair(miss, hit))} cached ones. ` +
      `Logins a second are ${number(pair(own, peer))} × Fastify's.`,
    `Other processes took ${usual} of the machine (median slice; ${most} in the worst), the hypervisor ${stolen} (${mostStolen}).`];
}

async function main() {
  const rows = rowsOf(options.server);
  const redis = new Redis();
  const peer = new Peer();
  const benches = {};
  const ends = [redis, peer];
  try {
    await redis.start();
    await peer.start();
    benches.local = new Bench(options);
    benches.redis = new Bench(options, { REDIS_URL: redis.url });
    benches.shipped = new Bench(options, { LOGIN_RATE: '', LOGIN_WAITING: '', LOGIN_OPEN: '' });
    benches.uncached = new Bench(options, { CACHE_TTL_OVERVIEW: '0' });
    ends.push(...Object.values(benches));
    for (const bench of Object.values(benches)) await bench.start(peer.location(options.server));
    await peer.use(benches.local.bodies);
    await measure(benches, rows);
    tell([...table(rows), ...findings(rows)].join('\n'), `tests/bench/http ${options.server}`, options.into);
  } catch (error) {
    console.error(error.stack, '\n', ...Object.values(benches).map((bench) => bench.stack.logged()));
    process.exitCode = 1;
  } finally {
    for (const one of ends) await one.end();
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
await main();
