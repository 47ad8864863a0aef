/*
 * What the benchmarks share: stacks as `make run` starts them, floors behind
 * the same web server, slices of load with their CPU time. Talks to loopback
 * only and ends only what it started.
 */
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';
import { cpus, release, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { below } from '../e2e/lib/processes.mjs';
import { Stack, root } from '../e2e/lib/stack.mjs';
import { until } from '../e2e/lib/wait.mjs';

export const here = dirname(fileURLToPath(import.meta.url));
export const WORKERS = cpus().length;
export const FRESH = 20;
const FRESH_WITHIN_MS = 2000;
const NOISE_LIMIT = 0.1; /* of the machine; above it a slice is run again, once */
const ACCOUNTS = 8;
export const FLOOD = 32;
export const LOGIN = '/api/v1/auth/login';

/* Limits that no benchmark reaches, with every check still made. */
export const GENEROUS = {
  CHECK_REPLIES: 'false', LOG_LEVEL: 'info',
  RATE_LIMIT_REQUESTS: '1000000', RATE_LIMIT_WINDOW_SECONDS: '1',
};

/* Quotas of backtests that none reaches. */
export const BACKTEST_LIMITS = { BACKTESTS_PER_USER: '1000000', BACKTEST_BARS: '5000000', BACKTEST_RUNS_PER_HOUR: '1000000' };

/* ---- what is added to the shipped configuration ------------------------- */
export const POOLS = ['close', 'keep', 'epoll'];

function addToNginx(text, folder, more) {
  const upstreams = POOLS.map((name) => `\tupstream bare_${name} {
		server unix:${folder}/${name}.sock max_fails=0;${name === 'close' ? '' : '\n\t\tkeepalive 256;'}
	}\n`).join('');
  const locations = `
		location = /bench/return {
			default_type application/json;
			return 200 '{"status":"ok"}';
		}
		location = /bench/close {
			include kontor/fastcgi_params.conf;
			fastcgi_pass bare_close;
		}
		location = /bench/keep {
			include kontor/fastcgi.conf;
			fastcgi_pass bare_keep;
		}
		location = /bench/epoll {
			include kontor/fastcgi.conf;
			fastcgi_pass bare_epoll;
		}`;
  return text.replace(/^\tserver \{/m, `${upstreams}\tserver {`)
    .replace('include kontor/server.conf;', `include kontor/server.conf;${locations}${more}`);
}

function addToLighttpd(text, folder, more) {
  return text + more + POOLS.map((name) => `
$HTTP["url"] == "/bench/${name}" {
	fastcgi.server = ("/" => (("socket" => "${folder}/${name}.sock", "check-local" => "disable")))
}`).join('') + '\n';
}

/* ---- processes ----------------------------------------------------------- */
const read = (path) => {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};
/* Microseconds on a CPU so far. */
export const cpuOf = (pids) => pids.reduce((sum, pid) => sum + Number(read(`/proc/${pid}/schedstat`).split(' ')[0]) / 1000, 0);
/* Of our own, and of the children that ended. */
const cpuOfSelf = () => {
  const fields = read('/proc/self/stat').replace(/^.*\) /, '').split(' ').map(Number);
  return fields.slice(11, 15).reduce((a, b) => a + b) * 10_000;
};
const machine = () => {
  const [user, nice, system, idle, wait, irq, soft, steal] = read('/proc/stat').split('\n')[0].split(/ +/).slice(1).map(Number);
  return { busy: user + nice + system + irq + soft, all: user + nice + system + idle + wait + irq + soft + steal, steal };
};
/* What others take of the machine from now on; a sentence when called. */
export function watchOthers() {
  const before = { machine: machine(), self: cpuOfSelf() };
  return () => {
    const now = machine();
    const all = now.all - before.machine.all;
    const others = (now.busy - before.machine.busy) - (cpuOfSelf() - before.self) / 10_000;
    const percent = (ticks) => `${(Math.max(0, ticks) / all * 100).toFixed(0)} %`;
    return `Other processes took ${percent(others)} of the machine, the hypervisor ${percent(now.steal - before.machine.steal)}.`;
  };
}
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));
export const median = (list) => {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted.length % 2 ? sorted[(sorted.length - 1) / 2] : (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2;
};

export class Bench {
  constructor(options, settings = {}) {
    const stack = new Stack({
      server: options.server, programs: resolve(options.programs), web: join(root, 'build/web'),
      workers: [WORKERS, WORKERS], settings: { ...GENEROUS, ...settings },
    });
    Object.assign(this, { options, stack, bare: {}, children: [] });
  }

  /* more: lines for the server block. */
  async start(more = '') {
    await this.stack.start();
    await this.startFloors();
    await this.changeServer(more);
    await this.makeAccounts();
  }

  /* The floors' workers, each kind on a socket of its own. */
  async startFloors() {
    const { folder } = this.stack;
    execFileSync('gcc', ['-std=c17', '-D_GNU_SOURCE', '-O2', '-o', join(folder, 'bare'), join(here, 'bare.c'), '-lfcgi']);
    for (const name of POOLS) {
      const words = ['--pdeathsig', 'TERM', 'spawn-fcgi', '-n', '-s', join(folder, `${name}.sock`), '-b', '4096', '--',
        '/usr/bin/multiwatch', '-f', String(WORKERS), '-r', '1000000', '-t', '1', '-s', 'TERM', '--', join(folder, 'bare')];
      if (name === 'epoll') words.push('epoll');
      const child = spawn('setpriv', words, { stdio: ['ignore', 'ignore', 'inherit'] });
      this.children.push(child);
      this.bare[name] = child.pid;
      await until(`the pool ${name}`, () => below(child.pid).length === WORKERS);
    }
  }

  /* The web server again, with the floors' addresses in its configuration. */
  async changeServer(more) {
    const { server, data, folder } = this.stack;
    const path = join(data, 'run', `${server}.conf`);
    const add = server === 'nginx' ? addToNginx : addToLighttpd;
    fs.writeFileSync(path, add(fs.readFileSync(path, 'utf8'), folder, more));
    const [pid] = this.web();
    process.kill(pid, 'SIGTERM');
    await until('the web server is back', () => this.ask('/bench/close').then((status) => status === 200));
  }

  web() {
    const { server } = this.stack;
    return this.stack.processes((words) => words[0]?.startsWith(`${server}:`) || words[0] === server);
  }

  ask(path, headers = {}) {
    return new Promise((done) => {
      const request = https.request({
        host: '127.0.0.1', port: this.stack.port, path, headers, agent: false, rejectUnauthorized: false,
        signal: AbortSignal.timeout(FRESH_WITHIN_MS),
      }, (message) => message.on('error', () => done(0)).on('end', () => done(message.statusCode)).resume());
      request.on('error', () => done(0));
      request.end();
    });
  }

  /* With the reader's token, over one kept connection. */
  async askOnce(path) {
    const answer = await this.stack.client.send('GET', path, { token: this.token });
    return answer.status;
  }

  async account(name) {
    const body = { username: name, password: `six herrings ${randomBytes(8).toString('hex')}` };
    const post = (path, more, token) => this.stack.client.send('POST', path, { body: more, token });
    await post('/api/v1/auth/register', body);
    const token = (await post('/api/v1/auth/login', body)).json.access_token;
    return { body: JSON.stringify(body), token, post };
  }

  /* One account reads, others log in: their sessions overflow. */
  async makeAccounts() {
    const reader = await this.account('bench-reader');
    const definition = JSON.parse(fs.readFileSync(join(root, 'tests/e2e/data/sma.json'), 'utf8'));
    for (let i = 0; i < 3; i++) {
      const { status, text } = await reader.post('/api/v1/strategies', { definition }, reader.token);
      if (status !== 201) throw new Error(text);
    }
    this.token = reader.token;
    this.bodies = [];
    for (let i = 0; i < ACCOUNTS; i++) this.bodies.push((await this.account(`bench-${i}`)).body);
  }

  wrk(row, connections) {
    const words = ['-t', String(Math.min(2, connections)), '-c', String(connections), '-d', `${this.options.seconds}s`, '--timeout', '30s', '-s', join(here, 'wrk.lua')];
    if (row.token) words.push('-H', `Authorization: Bearer ${this.token}`);
    words.push(`https://127.0.0.1:${this.stack.port}${row.path}`);
    const env = { PATH: process.env.PATH, BENCH_BODIES: '', BENCH_TOKENS: (row.tokens ?? []).join('\n') };
    if (row.bodies) env.BENCH_BODIES = (row.bodies === true ? this.bodies : row.bodies).join('\n');
    const child = spawn('wrk', words, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.children.push(child);
    let text = '';
    child.stdout.on('data', (part) => (text += part));
    return new Promise((done) => child.on('exit', () => {
      const found = /^RESULT (.*)$/m.exec(text);
      if (!found) return done({ failed: text || 'ended early' });
      const [requests, us, p50, p99, errors] = found[1].split(' ').map(Number);
      return done({ requests, rate: requests * 1e6 / us, p50: p50 / 1000, p99: p99 / 1000, errors });
    }));
  }

  pids(pool) {
    if (!pool) return [];
    return POOLS.includes(pool) ? below(this.bare[pool]) : this.stack.pool(pool);
  }

  async slice(row) {
    const web = this.web();
    const app = this.pids(row.pool);
    const all = [...web, ...below(this.stack.child.pid).filter((pid) => !web.includes(pid)), ...app];
    const ours = [...new Set(all)];
    const before = { web: cpuOf(web), app: cpuOf(app), ours: cpuOf(ours), self: cpuOfSelf(), machine: machine() };
    const flood = row.flood ? this.wrk({ path: LOGIN, bodies: true }, FLOOD) : undefined;
    const load = this.wrk(row, row.connections ?? this.options.connections);
    await pause(Number(this.options.seconds) * 500);
    const headers = row.token ? { Authorization: `Bearer ${this.token}` } : {};
    const fresh = await Promise.all(Array.from({ length: FRESH }, () => this.ask(row.fresh ?? row.path, headers)));
    const result = await load;
    const other = await flood;
    const failed = result.failed ?? other?.failed;
    if (failed) throw new Error(`wrk: ${failed}`);
    const now = machine();
    const busy = (now.busy - before.machine.busy) * 10_000;
    const known = cpuOf(ours) - before.ours + cpuOfSelf() - before.self;
    return {
      ...result,
      web: (cpuOf(web) - before.web) / result.requests,
      app: (cpuOf(app) - before.app) / result.requests,
      fresh: fresh.filter((status) => status === 200).length,
      noise: Math.max(0, busy - known) / ((now.all - before.machine.all) * 10_000),
      steal: (now.steal - before.machine.steal) / (now.all - before.machine.all),
    };
  }

  async quietSlice(row) {
    const first = await this.slice(row);
    if (first.noise + first.steal <= NOISE_LIMIT) return first;
    const second = await this.slice(row);
    return second.noise + second.steal < first.noise + first.steal ? second : first;
  }

  /* Millions of lines are more than stop() cares to read. */
  dropLogs() {
    const folder = join(this.stack.data, 'log');
    if (fs.existsSync(folder)) for (const name of fs.readdirSync(folder)) fs.truncateSync(join(folder, name));
  }

  async end() {
    this.dropLogs();
    for (const child of this.children) if (child.exitCode === null) child.kill('SIGTERM');
    if (this.stack.child?.exitCode === null) await this.stack.stop();
    this.stack.remove();
  }
}

/* ---- words about a run ---------------------------------------------------- */
const version = (command, ...words) => {
  try {
    return execFileSync('sh', ['-c', `PATH=$PATH:/usr/sbin ${command} ${words.join(' ')} 2>&1 | head -n 1`], { encoding: 'utf8' }).trim();
  } catch {
    return command;
  }
};

export function hardware() {
  const model = cpus()[0].model.trim();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${model}, ${memory} GiB, Linux ${release().split('-')[0]}`;
}

export function describe(options) {
  return `${hardware()}; ` +
    `${version(options.server, '-v').replace(/^nginx version: /, '').replace(/ .*/, '')}; wrk on the same cores, ` +
    `${options.connections ? `${options.connections} connections, ` : ''}TLS, HTTP/1.1; ${options.rounds} rounds of ${options.seconds} s a row, in turn`;
}

const FORMAT = new Intl.NumberFormat('en', { maximumSignificantDigits: 3, useGrouping: false });
export const number = (value) => (value >= 1000 ? String(Math.round(value)) : FORMAT.format(value));

/* Prints, and with --into FILE replaces what stands between
   <!-- NAME --> and <!-- end --> there. */
export function tell(text, name, file) {
  console.log(text);
  if (!file) return;
  const page = fs.readFileSync(file, 'utf8');
  const from = page.indexOf(`<!-- ${name} -->`);
  const to = page.indexOf('<!-- end -->', from);
  if (from < 0 || to < 0) throw new Error(`${file} has no place for ${name}`);
  fs.writeFileSync(file, `${page.slice(0, from)}<!-- ${name} -->\n${text}\n${page.slice(to)}`);
}
