/*
 * Where a cached, authenticated GET spends its instructions: one worker under
 * callgrind behind the real web server, counted from one request to the next,
 * so that a second run gives the same figures. And its system calls, under
 * strace. Prints Markdown; docs/performance.md says what it means.
 *
 *   tests/bench/profile [--programs build] [--into docs/performance.md]
 */
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { below, commandOf } from '../e2e/lib/processes.mjs';
import { root } from '../e2e/lib/stack.mjs';
import { until } from '../e2e/lib/wait.mjs';
import { Bench, number, tell } from './lib.mjs';

const { values: options } = parseArgs({
  options: {
    server: { type: 'string', default: 'nginx' },
    seconds: { type: 'string', default: '1' },
    connections: { type: 'string', default: '1' },
    programs: { type: 'string', default: join(root, 'build') },
    into: { type: 'string' },
  },
});
const WARM = 200;
const COUNTED = 1000;
const PAGE = '/api/v1/dashboard/overview';

/* What is shown: label, functions whose own count and that of all they call
   is added. A part that stands inside another is set in. */
const PARTS = [
  ['libfcgi: read and parse the records', ['FCGX_Accept_r']],
  ['the request: path, query, headers, cookies', ['request_parse']],
  ['the gate, handler and reply', ['gate_serve']],
  ['— who calls (token, session, user)', ['auth_identify']],
  ['— — the token', ['token_verify']],
  ['— — SQLite', ['db_query']],
  ['— rate windows and the kept answer', ['store_take_look']],
  ['— the log line', ['log_line']],
  ['— figures', ['metrics_add', 'metrics_observe']],
  ['the head of the reply', ['reply_head']],
  ['libfcgi: write the records', ['FCGX_PutStr', 'FCGX_Finish_r']],
];

const location = (socket) => `
		location = /bench/profile {
			include kontor/fastcgi_params.conf;
			fastcgi_param REQUEST_URI ${PAGE};
			fastcgi_keep_conn on;
			fastcgi_pass unix:${socket};
		}`;

/* The parameters of the shipped file, but for the one address. */
function plainParams(stack) {
  const text = fs.readFileSync(join(root, 'nginx/fastcgi_params.conf'), 'utf8').replace(/^fastcgi_param REQUEST_URI.*$/m, '');
  fs.writeFileSync(join(stack.folder, 'params.conf'), text);
  return join(stack.folder, 'params.conf');
}

async function worker(bench, socket, tool) {
  const { programs, data } = bench.stack;
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', 'spawn-fcgi', '-n', '-s', socket, '-M', '0600', '--', ...tool,
    join(programs, 'kontor.fcgi'), '--config', join(data, 'kontor.conf'), '--pool', 'api'],
  { stdio: 'ignore', env: bench.stack.environment() });
  bench.children.push(child);
  await until('the worker listens', () => fs.existsSync(socket));
  return child;
}

async function ask(bench, times) {
  for (let i = 0; i < times; i++) {
    const status = await bench.askOnce('/bench/profile');
    if (status !== 200) throw new Error(`status ${status}`);
  }
}

async function end(child, socket) {
  const pids = [child.pid, ...below(child.pid)];
  for (const pid of pids.reverse()) {
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      /* it has ended */
    }
  }
  await new Promise((done) => (child.exitCode === null ? child.on('exit', done) : done()));
  fs.rmSync(socket, { force: true });
}

async function callgrind(bench, socket) {
  const out = join(bench.stack.folder, 'callgrind.out');
  const child = await worker(bench, socket, ['/usr/bin/valgrind', '--tool=callgrind', `--callgrind-out-file=${out}`, '-q']);
  await ask(bench, WARM);
  const pid = [child.pid, ...below(child.pid)].find((one) => commandOf(one)[0]?.includes('valgrind') || commandOf(one)[0]?.endsWith('kontor.fcgi'));
  execFileSync('callgrind_control', ['-z', String(pid)], { stdio: 'ignore' });
  await ask(bench, COUNTED);
  execFileSync('callgrind_control', ['-d', String(pid)], { stdio: 'ignore' });
  await end(child, socket);
  const text = execFileSync('callgrind_annotate', ['--inclusive=yes', '--threshold=100', '--auto=no', `${out}.1`],
    { encoding: 'utf8', maxBuffer: 64 << 20 });
  const counts = new Map();
  for (const [, count, name] of text.matchAll(/^ *([\d,]+) .*?:([A-Za-z_0-9.']+) \[/gm)) {
    const value = Number(count.replaceAll(',', ''));
    counts.set(name, Math.max(value, counts.get(name) ?? 0));
  }
  const total = Number(/^ *([\d,]+) .*PROGRAM TOTALS/m.exec(text)[1].replaceAll(',', ''));
  return { total: total / COUNTED, of: (names) => names.reduce((sum, name) => sum + (counts.get(name) ?? 0), 0) / COUNTED };
}

async function systemCalls(bench, socket) {
  const out = join(bench.stack.folder, 'strace.out');
  const child = await worker(bench, socket, ['/usr/bin/strace', '-qq', '-o', out]);
  await ask(bench, WARM);
  const before = fs.readFileSync(out, 'utf8').length;
  await ask(bench, COUNTED);
  const counts = {};
  for (const [, name] of fs.readFileSync(out, 'utf8').slice(before).matchAll(/^(\w+)\(/gm)) counts[name] = (counts[name] ?? 0) + 1;
  await end(child, socket);
  return Object.entries(counts).map(([name, count]) => [name, count / COUNTED]).filter(([, each]) => each >= 0.05)
    .sort((a, b) => b[1] - a[1]).map(([name, each]) => `${number(each)} \`${name}\``).join(', ');
}

async function main() {
  const bench = new Bench(options);
  const socket = join(bench.stack.folder, 'profile.sock');
  try {
    await bench.start(location(socket).replace('kontor/fastcgi_params.conf', plainParams(bench.stack)));
    const counted = await callgrind(bench, socket);
    const calls = await systemCalls(bench, socket);
    const rows = PARTS.map(([label, names]) => {
      const each = counted.of(names);
      return `| ${label} | ${number(each)} | ${(100 * each / counted.total).toFixed(0)} % |`;
    });
    tell([`Instructions of one worker a request, GET ${PAGE.replace('/api/v1/', '')} HIT, over ${COUNTED} requests (callgrind; the kernel is not counted; a new connection each, which nginx with kept ones saves).`, '',
      '| part | instructions | share |', '|---|---|---|', ...rows, `| all | ${number(counted.total)} | 100 % |`, '',
      `System calls a request: ${calls}.`].join('\n'), 'tests/bench/profile', options.into);
  } catch (error) {
    console.error(error.stack, '\n', bench.stack.logged());
    process.exitCode = 1;
  } finally {
    await bench.end();
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
await main();
