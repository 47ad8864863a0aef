/* Stop and start again: nothing is left behind, nothing is made twice. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { withStack } from '../lib/own.mjs';
import { below, isAlive } from '../lib/processes.mjs';
import { root } from '../lib/stack.mjs';
import { spawnSync } from 'node:child_process';

const isOpen = (port) =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });

async function assertStopped(stack, pids) {
  assert.ok(pids.length >= 8, 'it was running');
  assert.deepEqual(pids.filter(isAlive), []);
  assert.equal(await isOpen(stack.port), false);
  const left = readdirSync(join(stack.data, 'run')).filter((name) => name.endsWith('.sock'));
  assert.deepEqual(left, []);
}

/* A folder of programs in which spawn-fcgi comes late to the sign-in pool. */
function lateSignIn() {
  const tests = join(root, 'build/test');
  mkdirSync(tests, { recursive: true });
  const folder = mkdtempSync(join(tests, 'late-'));
  const real = spawnSync('sh', ['-c', 'command -v spawn-fcgi'], { encoding: 'utf8' }).stdout.trim();
  writeFileSync(join(folder, 'spawn-fcgi'), `#!/bin/sh\ncase "$*" in *auth.sock*) sleep 2 ;; esac\nexec ${real} "$@"\n`, { mode: 0o755 });
  return folder;
}

export const tests = [
  ['the URL is told when all pools answer', async (context) => {
    const late = lateSignIn();
    try {
      await withStack(context, { settings: { PATH: `${late}:${process.env.PATH}` } }, async ({ client, people }) => {
        assert.equal((await client.send('GET', '/api/v1/auth/login')).status, 405);
        await people.make('at-once');
      });
    } finally {
      rmSync(late, { recursive: true });
    }
  }],
  ['a second start beside a running one is refused', async ({ stack }) => {
    const done = spawnSync(join(root, 'scripts/run'), [], { env: stack.environment(), encoding: 'utf8', timeout: 20_000 });
    assert.equal(done.status, 1);
    assert.match(done.stderr, /already running/);
    assert.equal((await stack.client.send('GET', '/api/v1/health')).status, 200);
  }],
  ['SIGTERM stops everything that was started', async ({ stack }) => {
    const pids = below(stack.child.pid);
    assert.equal(await stack.stop('SIGTERM'), 0);
    await assertStopped(stack, pids);
  }],
  ['a second start reuses what is there', async ({ stack, people }) => {
    const files = ['keys/token.keys', 'keys/hash.keys', 'tls/cert.pem', 'kontor.conf'];
    const read = () => files.map((name) => readFileSync(join(stack.data, name), 'utf8'));
    const before = read();
    const first = stack.startMs;
    await stack.start();
    assert.deepEqual(read(), before);
    assert.equal(stack.adminLink, undefined, 'there is an admin already');
    const admin = await people.admin();
    assert.ok(admin.access);
    return `${stack.startMs} ms after ${first} ms`;
  }],
  ['Ctrl-C stops everything that was started', async ({ stack }) => {
    const pids = below(stack.child.pid);
    assert.equal(await stack.stop('SIGINT', { group: true }), 0);
    await assertStopped(stack, pids);
  }],
  ['what scripts/run started ends with it even when it is killed', async ({ stack }) => {
    await stack.start();
    const pids = below(stack.child.pid);
    await stack.stop('SIGKILL');
    assert.deepEqual(pids.filter(isAlive), []);
    await stack.start();
    assert.equal((await stack.client.send('GET', '/api/v1/health', { agent: false })).status, 200);
  }],
  ['the database is whole after all that', async ({ stack }) => {
    await stack.stop();
    const done = spawnSync('sqlite3', [join(stack.data, 'kontor.db'), 'PRAGMA integrity_check; PRAGMA foreign_key_check;'], { encoding: 'utf8' });
    assert.equal(done.stdout.trim(), 'ok');
    assert.ok(existsSync(join(stack.data, 'kontor.db')));
  }],
];
