/* nginx's queue before the workers that hash passwords: it counts addresses,
   makes them wait, refuses what is too much, and says so as a problem. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withStack } from '../lib/own.mjs';
import { root } from '../lib/stack.mjs';
import { until } from '../lib/wait.mjs';

const login = (client) => client.send('POST', '/api/v1/auth/login', {
  body: { username: 'nobody', password: 'a long enough pass phrase' }, agent: false,
});

/* An nginx that counts by $kontor_source whoever it is told the client is:
   the first call of a source is let in, the second is not. */
const COUNTING = `daemon off; master_process off; pid FOLDER/pid; error_log stderr;
events {}
http {
  include kontor/http.conf;
  access_log off;
  client_body_temp_path FOLDER/t; proxy_temp_path FOLDER/t; fastcgi_temp_path FOLDER/t; uwsgi_temp_path FOLDER/t; scgi_temp_path FOLDER/t;
  limit_req_zone $kontor_source zone=source:1m rate=1r/m;
  server {
    listen unix:FOLDER/sock;
    set_real_ip_from unix:;
    real_ip_header X-Test-Address;
    limit_req zone=source;
    limit_req_status 429;
    location / { try_files /nothing =204; }
  }
}
`;

async function counting(work) {
  const folder = mkdtempSync(join(tmpdir(), 'kontor-queue-'));
  symlinkSync(join(root, 'nginx'), join(folder, 'kontor'));
  mkdirSync(join(folder, 't'));
  writeFileSync(join(folder, 'nginx.conf'), COUNTING.replaceAll('FOLDER', folder));
  let said = '';
  const child = spawn('nginx', ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')], {
    env: { PATH: `${process.env.PATH}:/usr/sbin` }, stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr.on('data', (text) => (said += text));
  const ended = once(child, 'exit');
  const ask = (address) => new Promise((done) => {
    http.get({ socketPath: join(folder, 'sock'), path: '/', headers: { 'X-Test-Address': address }, agent: false },
      (answer) => done(answer.resume().statusCode)).on('error', () => done(0));
  });
  try {
    await until('nginx answers', async () => (await ask('192.0.2.250')) > 0).catch((error) => {
      throw new Error(`${error.message}\n${said}`);
    });
    await work(ask);
  } finally {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

const limited = (context, settings, work) =>
  (context.options.server === 'nginx' ? withStack(context, { settings }, ({ stack }) => work(stack)) : 'nginx only');

export const tests = [
  ['an IPv4 address and a /64 of IPv6 are one source each', async ({ options }) => {
    if (options.server !== 'nginx') return 'nginx only';
    await counting(async (ask) => {
      for (const [address, status] of [
        ['192.0.2.1', 204], ['192.0.2.1', 429], ['192.0.2.2', 204],
        ['2001:db8:1:2:3:4:5:6', 204], ['2001:db8:1:2:ffff::1', 429], ['2001:db8:1:2::', 429],
        ['2001:db8:1:3:3:4:5:6', 204], ['2001:db8::1', 204], ['2001:db8:0:0:1:2:3:4', 429], ['2001:db8:0:1::1', 204],
        ['2001:db8:a0a:a0a:a0a:a0a:a0a:a0a', 204], ['2001:db8:a0a:a0a:d0d::', 429],
        ['::ffff:198.51.100.7', 204], ['::ffff:198.51.100.8', 204], ['198.51.100.7', 429], ['::1', 204],
      ])
        assert.equal(await ask(address), status, address);
    });
  }],
  ['who comes too often waits, who comes beyond that is told 429 at once', (context) =>
    limited(context, { LOGIN_RATE: '1', LOGIN_WAITING: '2' }, async (other) => {
      const began = Date.now();
      const answers = await Promise.all(Array.from({ length: 8 }, async () => {
        const answer = await login(other.client);
        return { answer, ms: Date.now() - began };
      }));
      const refused = answers.filter(({ answer }) => answer.status === 429 && answer.headers['ratelimit-policy'] === '"queue";q=1;w=1');
      assert.ok(refused.length >= 5, answers.map(({ answer }) => answer.status).join());
      assert.ok(answers.filter((one) => !refused.includes(one)).some(({ ms }) => ms >= 1900), 'nobody waited');
      for (const { answer, ms } of refused.slice(0, 5)) {
        assert.ok(ms < 1900, `refused after ${ms} ms`);
        assert.match(answer.headers['content-type'], /^application\/problem\+json/);
        assert.equal(answer.json.code, 'rate_limited');
        assert.equal(answer.json.status, 429);
        assert.match(answer.headers['retry-after'], /^[1-9]\d*$/);
        assert.equal(answer.headers['x-ratelimit-limit'], '1');
        assert.equal(answer.headers['x-ratelimit-remaining'], '0');
        assert.equal(answer.headers['x-ratelimit-reset'], answer.headers['retry-after']);
        assert.equal(answer.headers.ratelimit, `"queue";r=0;t=${answer.headers['retry-after']}`);
        assert.equal(answer.headers['x-request-id'], answer.json.request_id);
        for (const name of ['retry-after', 'x-request-id', 'x-ratelimit-limit', 'cache-control', 'strict-transport-security', 'content-security-policy',
          'x-content-type-options', 'x-frame-options', 'referrer-policy', 'permissions-policy'])
          assert.equal(answer.count(name), 1, name);
      }
      /* Other calls are not in that queue. */
      const others = await Promise.all(Array.from({ length: 20 }, () => other.client.send('GET', '/api/v1/health')));
      assert.ok(others.every(({ status }) => status === 200));
    })],
  ['only so many passwords of one address are with the workers', (context) =>
    limited(context, { LOGIN_OPEN: '1' }, async (other) => {
      const [auth] = await other.fullPool('auth');
      process.kill(auth, 'SIGSTOP');
      const answers = Array.from({ length: 6 }, () => login(other.client));
      let done = 0;
      answers.forEach((answer) => void answer.then(() => done++));
      try {
        await until('all but one are refused', () => done === 5);
      } finally {
        process.kill(auth, 'SIGCONT');
      }
      const statuses = (await Promise.all(answers)).map(({ status }) => status);
      assert.ok(statuses.filter((status) => status === 429).length >= 5, statuses.join());
    })],
  ['what finds no room in the pool\'s queue is refused at once, and may come again', (context) =>
    limited(context, {}, async (other) => {
      const [auth] = await other.fullPool('auth');
      process.kill(auth, 'SIGSTOP');
      const answers = Array.from({ length: 160 }, () => login(other.client));
      const refused = [];
      answers.forEach((answer) => void answer.then((one) => refused.push(one), () => {}));
      try {
        await until('some are refused', () => refused.length >= 20);
      } finally {
        process.kill(auth, 'SIGCONT');
      }
      for (const answer of refused.slice(0, 20)) {
        assert.equal(answer.status, 503, answer.text);
        assert.equal(answer.json.code, 'unavailable');
        assert.match(answer.headers['retry-after'], /^[1-9]\d*$/);
        assert.equal(answer.count('strict-transport-security'), 1);
      }
      const statuses = new Set((await Promise.all(answers)).map(({ status }) => status));
      assert.ok(!statuses.has(502) && !statuses.has(500), [...statuses].join());
    })],
];
