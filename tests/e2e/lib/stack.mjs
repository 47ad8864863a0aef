/* One Kontor as `make run` starts it: scripts/run, in a folder of its own, on
   free ports. Stops what it started and keeps everybody's log. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from './client.mjs';
import { below, commandOf, isAlive } from './processes.mjs';
import { until } from './wait.mjs';

/* All tests come from one address, and their people work fast. Scenarios that
   are about limits start a stack of their own with settings: SHIPPED. */
const MANY = '1000000/60';
export const GENEROUS = {
  RATE_LIMIT_REQUESTS: '1000000', RATE_LIMIT_KEY: MANY, RATE_LIMIT_BURST: MANY, RATE_LIMIT_ANONYMOUS: MANY,
  RATE_LIMIT_ANONYMOUS_HOUR: MANY, RATE_LIMIT_LOGIN: MANY, RATE_LIMIT_LOGIN_ACCOUNT: MANY, RATE_LIMIT_REGISTER: MANY, RATE_LIMIT_REFRESH: MANY,
  RATE_LIMIT_PASSWORD: MANY, RATE_LIMIT_SENSITIVE: MANY, RATE_LIMIT_TRADE: MANY, RATE_LIMIT_CANCEL: MANY, RATE_LIMIT_CLOSE: MANY, RATE_LIMIT_HALT: MANY, RATE_LIMIT_HOOK: MANY,
  LOGIN_FREE_FAILURES: '100', /* all tests come from one address */
};
/* An empty variable counts as not set: the default holds. */
export const SHIPPED = Object.fromEntries(Object.keys(GENEROUS).map((name) => [name, '']));

export const root = resolve(fileURLToPath(import.meta.url), '../../../..');

const freePort = () =>
  new Promise((done, fail) => {
    const server = net.createServer().on('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

export const filesBelow = (folder) =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const entry = statSync(path, { throwIfNoEntry: false });
    if (!entry) return [];
    return entry.isDirectory() && name !== 'kontor' ? filesBelow(path) : entry.isFile() ? [path] : [];
  });

export class Stack {
  /* settings: Kontor's, by name. workers: [api, auth]. */
  constructor({ server, programs, web, settings = {}, workers = [2, 1] }) {
    Object.assign(this, { server, programs, web, settings, workers });
    this.folder = mkdtempSync(join(tmpdir(), 'kontor-e2e-'));
    this.data = join(this.folder, 'var');
    this.clockFile = join(this.folder, 'clock');
    this.oldLogs = '';
    this.port = undefined;
  }

  environment() {
    return {
      PATH: process.env.PATH,
      HOME: this.folder,
      SERVER: this.server,
      DATA: this.data,
      PORT: String(this.port),
      HTTP_PORT: String(this.httpPort),
      PROGRAMS: this.programs,
      WEB: this.web,
      API_WORKERS: String(this.workers[0]),
      AUTH_WORKERS: String(this.workers[1]),
      KONTOR_TEST_CLOCK: this.clockFile,
      ENVIRONMENT: 'development', CHECK_REPLIES: 'true',
      LOGIN_FREE_FAILURES: '100', /* and many of them fail on purpose */
      ...GENEROUS,
      LOGIN_RATE: '1000', LOGIN_WAITING: '1000', LOGIN_OPEN: '1000', /* the same, in nginx */
      ...this.settings,
    };
  }

  async start() {
    this.port ??= await freePort();
    while (!this.httpPort || this.httpPort === this.port) this.httpPort = await freePort();
    this.output = '';
    const began = Date.now();
    this.child = spawn(join(root, 'scripts/run'), [], {
      env: this.environment(), stdio: ['ignore', 'pipe', 'pipe'], detached: true, cwd: root,
    });
    const take = (text) => (this.output += text);
    this.child.stdout.on('data', take);
    this.child.stderr.on('data', take);
    this.ended = new Promise((done) => this.child.on('exit', (code, signal) => done({ code, signal })));
    let over = false;
    this.ended.then(() => (over = true));
    await until('scripts/run prints its URL', () => over || /^URL .*$/m.test(this.output), 90);
    if (over) throw new Error(`scripts/run ended:\n${this.output}`);
    this.startMs = Date.now() - began;
    this.client ??= new Client({
      port: this.port, httpPort: this.httpPort, ca: readFileSync(join(this.data, 'tls/cert.pem')),
    });
    return this;
  }

  get url() {
    return /^URL (.*)$/m.exec(this.output)?.[1];
  }

  get adminLink() {
    return /^ADMIN (.*)$/m.exec(this.output)?.[1];
  }

  /* "signal" as a terminal (the whole group) or only to scripts/run. */
  async stop(signal = 'SIGTERM', { group = false } = {}) {
    const pids = below(this.child.pid);
    process.kill(group ? -this.child.pid : this.child.pid, signal);
    const { code } = await this.ended;
    await until('all processes end', () => !pids.some(isAlive));
    this.oldLogs += Object.values(this.logs()).join('\n');
    return code;
  }

  /* kontor COMMAND..., with this installation's settings. */
  kontor(...words) {
    const config = join(this.data, 'kontor.conf');
    const done = spawnSync(join(this.programs, 'kontor'), ['--config', config, ...words], {
      env: this.environment(), encoding: 'utf8', timeout: 60_000,
    });
    return { code: done.status, out: done.stdout, err: done.stderr };
  }

  processes(test) {
    return below(this.child.pid).filter((pid) => test(commandOf(pid)));
  }

  /* The workers of one pool ("api", "auth"). */
  pool(name) {
    return this.processes((words) => words[0]?.endsWith('/kontor.fcgi') && words.includes(name));
  }

  async fullPool(name) {
    const size = this.workers[name === 'api' ? 0 : 1];
    return until(`${size} workers in pool ${name}`, () => {
      const pids = this.pool(name);
      return pids.length === size && pids;
    });
  }

  moveClock(ms) {
    this.clockMs = (this.clockMs ?? 0) + ms;
    writeFileSync(this.clockFile, `${this.clockMs}\n`);
  }

  /* Each log as it stands: { 'api.log': text, ... }. */
  logs() {
    const folder = join(this.data, 'log');
    if (!existsSync(folder)) return {};
    const names = readdirSync(folder).filter((name) => /^(api|auth|work|web)\.log$/.test(name));
    return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  }

  /* What was logged after `before`, an answer of logs(). */
  logged(before = {}) {
    return Object.entries(this.logs())
      .map(([name, text]) => [name, text.slice(text.startsWith(before[name]?.slice(0, 200)) ? before[name].length : 0)])
      .filter(([, text]) => text)
      .map(([name, text]) => `==> ${name}\n${text.slice(-4000)}`)
      .join('\n');
  }

  remove() {
    /* What the programs keep on a memory-backed file, outside of the folder. */
    const [, shared] = /^live=(\/dev\/shm\/kontor-.*)\.live$/m.exec(this.kontor('config', 'paths').out ?? '') ?? [];
    if (shared)
      for (const name of readdirSync('/dev/shm').filter((one) => `/dev/shm/${one}`.startsWith(`${shared}.`)))
        rmSync(`/dev/shm/${name}`, { force: true });
    rmSync(this.folder, { recursive: true, force: true });
  }
}
