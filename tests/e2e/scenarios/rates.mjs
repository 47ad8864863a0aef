/* Rate limits as shipped, each on a stack of its own: the same numbers from
   one worker or eight, on the local store and on Redis, with 16 clients at
   once. Needs the test build, whose clock can be moved. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withStack } from '../lib/own.mjs';
import { SHIPPED } from '../lib/stack.mjs';
import { until } from '../lib/wait.mjs';

const CLIENTS = 16;
const SECOND = 1000;

/* Redis on a socket in a folder of its own. */
async function withRedis(work) {
  const folder = mkdtempSync(join(tmpdir(), 'kontor-redis-'));
  const socket = join(folder, 'redis.sock');
  const child = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no', '--dir', folder],
    { stdio: 'ignore' });
  const ended = new Promise((done) => child.on('exit', done));
  try {
    await until('Redis listens', () => existsSync(socket));
    return await work(`unix://${socket}`);
  } finally {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

/* settings: on top of what is shipped. */
function withLimits({ workers = [2, 1], settings = {}, redis = false }, work) {
  const run = (context, more) => withStack(context, { workers, settings: { ...SHIPPED, ...settings, ...more } }, work);
  return async (context) => {
    const program = readFileSync(join(context.stack.programs, 'kontor.fcgi'));
    if (!program.includes('KONTOR_TEST_CLOCK')) return 'skipped: the programs have no test clock';
    /* exact, however busy the machine is: so no other store for want of patience */
    return redis ? withRedis((url) => run(context, { REDIS_URL: url, REDIS_TIMEOUT_MS: '5000' })) : run(context, {});
  };
}

/* `count` calls by 16 clients at once; their answers. */
async function storm(count, call) {
  const answers = [];
  let next = 0;
  const client = async () => {
    while (next < count) answers.push(await call(next++));
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return answers;
}

const having = (answers, status) => answers.filter((answer) => answer.status === status);
const me = (client, token) => client.send('GET', '/api/v1/auth/me', { token });
const wrongLogin = (client, i) =>
  client.send('POST', '/api/v1/auth/login', { body: { username: `nobody-${i}`, password: 'not the password' } });

/* One user, 160 calls: exactly 100 are let through, each told another rest. */
async function generalIsExact({ stack, people, client }) {
  const person = await people.make('busy');
  const began = Date.now();
  const answers = await storm(160, () => me(client, person.access));
  const spent = Date.now() - began;
  assert.ok(spent < 50 * SECOND, `too slow to say anything: ${spent} ms`);
  const good = having(answers, 200);
  assert.equal(good.length, 100, `${good.length} let through`);
  assert.equal(having(answers, 429).length, 60);
  const left = new Set(good.map((answer) => Number(answer.headers['x-ratelimit-remaining'])));
  assert.equal(left.size, 100, 'each rest is told once');
  assert.ok(left.has(0) && left.has(99));
  for (const answer of having(answers, 429)) {
    assert.equal(answer.json.code, 'rate_limited');
    assert.ok(Number(answer.headers['retry-after']) >= 1);
    assert.equal(answer.headers['x-ratelimit-limit'], '100');
    assert.equal(answer.headers['x-ratelimit-remaining'], '0');
    assert.match(answer.headers.ratelimit, /^"general";r=0;t=\d+$/);
    assert.equal(answer.headers['ratelimit-policy'], '"general";q=100;w=60');
  }
  /* Just before the first call leaves the window: nothing; after: all. */
  stack.moveClock(60 * SECOND - spent - 2 * SECOND);
  assert.equal((await me(client, person.access)).status, 429, 'before the window has passed');
  stack.moveClock(spent + 5 * SECOND);
  const again = await storm(160, () => me(client, person.access));
  assert.equal(having(again, 200).length, 100, 'after it has passed');
  /* Another user was never touched. */
}

const quiet = { RATE_LIMIT_PATIENCE: '100000', RATE_LIMIT_REGISTER: '1000/60', RATE_LIMIT_LOGIN: '1000/60', RATE_LIMIT_BURST: '1000/1', RATE_LIMIT_ANONYMOUS: '1000/60' };

export const tests = [
  ['100 calls of a user, exactly, by one worker', withLimits({ workers: [1, 1], settings: quiet }, generalIsExact)],
  ['100 calls of a user, exactly, by eight workers', withLimits({ workers: [8, 1], settings: quiet }, generalIsExact)],
  ['100 calls of a user, exactly, by one worker, with Redis', withLimits({ workers: [1, 1], settings: quiet, redis: true }, generalIsExact)],
  ['100 calls of a user, exactly, by eight workers, with Redis', withLimits({ workers: [8, 1], settings: quiet, redis: true }, generalIsExact)],

  ['five sign-ins a minute from one address, whoever they are for', withLimits({ workers: [2, 2], settings: { LOGIN_FREE_FAILURES: '100' } }, async ({ stack, client }) => {
    const began = Date.now();
    const answers = await storm(32, (i) => wrongLogin(client, i));
    const spent = Date.now() - began;
    assert.ok(spent < 50 * SECOND, `too slow to say anything: ${spent} ms`);
    assert.equal(having(answers, 429).length, 27);
    assert.match(having(answers, 429)[0].headers.ratelimit, /^"login";r=0;t=\d+$/);
    /* 27 refusals in a row earned a cool-down of a minute. */
    stack.moveClock(121 * SECOND);
    assert.notEqual((await wrongLogin(client, 99)).status, 429, 'after it');
  })],

  ['violations earn a growing cool-down, which an admin can end', withLimits({ workers: [2, 1], settings: { ...quiet, RATE_LIMIT_ANONYMOUS: '5/1', RATE_LIMIT_PATIENCE: '3' } }, async ({ stack, people, client }) => {
    const admin = await people.admin();
    const open = () => client.send('GET', '/api/v1/openapi.json');
    const list = async () => (await client.send('GET', '/api/v1/admin/limits', { token: admin.access })).json.blocked;
    stack.moveClock(5 * SECOND);
    await storm(32, open);
    const waits = [];
    for (let round = 0; round < 3; round++) {
      const refused = await open();
      assert.equal(refused.status, 429, `round ${round}`);
      waits.push(Number(refused.headers['retry-after']));
      stack.moveClock((waits[round] + 1) * SECOND);
      assert.equal((await open()).status, 200, 'when it is over');
      await storm(32, open);
    }
    assert.ok(waits[0] > 30 && waits[1] > waits[0] && waits[2] > waits[1], `grows: ${waits}`);
    const blocked = await list();
    assert.deepEqual(blocked.map(({ rule, subject }) => [rule, subject]), [['anonymous', 'a:127.0.0.1']]);
    assert.ok(blocked[0].refusals >= 3);
    const forgiven = await client.send('DELETE', `/api/v1/admin/limits/${blocked[0].subject}`, { token: admin.access });
    assert.equal(forgiven.status, 204, forgiven.text);
    assert.equal((await open()).status, 200, 'forgiven');
    assert.deepEqual(await list(), []);
  })],

  ['bad credentials count for the address, good ones do not suffer', withLimits({ settings: { ...quiet, RATE_LIMIT_ANONYMOUS: '30/600', RATE_LIMIT_ANONYMOUS_HOUR: '0' } }, async ({ people, client }) => {
    const person = await people.make('neighbour');
    const answers = await storm(60, () => me(client, 'no.such.token'));
    assert.ok(having(answers, 429).length >= 30, 'a flood of bad tokens is refused');
    assert.equal(having(answers, 401).length + having(answers, 429).length, 60);
    const good = await storm(50, () => me(client, person.access));
    assert.equal(having(good, 200).length, 50, 'from the same address');
    for (let i = 0; i < 50; i++) assert.equal((await client.send('GET', '/health/live')).status, 200);
  })],

  ['a window survives the death of every worker', withLimits({ workers: [2, 1], settings: quiet }, async ({ stack, people, client }) => {
    const person = await people.make('survivor');
    assert.equal(having(await storm(110, () => me(client, person.access)), 200).length, 100);
    for (const pid of stack.pool('api')) process.kill(pid, 'SIGKILL');
    await stack.fullPool('api');
    const after = await until('a worker answers', async () => {
      const answer = await me(client, person.access);
      return answer.status !== 502 && answer;
    });
    assert.equal(after.status, 429);
  })],

  ['losing Redis changes where is counted, not whether', withLimits({ workers: [2, 1], settings: { ...quiet, RATE_LIMIT_REQUESTS: '20', REDIS_URL: 'unix:///nowhere/redis.sock' } }, async ({ people, client }) => {
    const person = await people.make('lonely');
    const answers = await storm(60, () => me(client, person.access));
    assert.equal(having(answers, 200).length, 20);
    assert.equal(having(answers, 429).length, 40);
  })],

  ['exempt users have no limit, and are named by the operator alone', withLimits({ settings: { ...quiet, RATE_LIMIT_EXEMPT_USERS: 'robot', RATE_LIMIT_REQUESTS: '5' } }, async ({ client }) => {
    const password = 'machines need long words, too';
    const made = await client.send('POST', '/api/v1/auth/register', { body: { username: 'robot', password } });
    assert.equal(made.status, 201, made.text);
    const login = await client.send('POST', '/api/v1/auth/login', { body: { username: 'robot', password } });
    const answers = await storm(30, () => me(client, login.json.access_token));
    assert.equal(having(answers, 200).length, 30);
  })],

  ['a limit that cannot be read stops the start', async (context) => {
    const stack = context.makeStack({ settings: { RATE_LIMIT_LOGIN: 'five' } });
    try {
      await assert.rejects(stack.start(), /RATE_LIMIT.*login.*five/s);
    } finally {
      if (stack.child && existsSync(`/proc/${stack.child.pid}`)) await stack.stop();
      stack.remove();
    }
  }],
];
