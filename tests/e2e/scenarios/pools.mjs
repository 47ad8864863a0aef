/* The two pools of workers: nobody is left waiting, nothing that dies stays
   dead, nothing that ends drops what it was doing. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { kept } from '../lib/client.mjs';
import { withStack } from '../lib/own.mjs';
import { isAlive, state } from '../lib/processes.mjs';
import { secretWord } from '../lib/people.mjs';
import { pause, until } from '../lib/wait.mjs';

const health = (client, agent = false) => client.send('GET', '/api/v1/health', { agent });
const answered = (client) => until('health answers', async () => (await health(client)).status === 200);
const login = (client, person) =>
  client.send('POST', '/api/v1/auth/login', { body: { username: person.name, password: person.password }, agent: false });

/* Connections to a pool's socket that were accepted or wait for it. */
const connections = ({ data: folder }, name) =>
  readFileSync('/proc/net/unix', 'utf8').split('\n').filter((line) => / 0001 0[23] /.test(line) && line.endsWith(`${folder}/run/${name}.sock`)).length;

const parentOf = (pid) => Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

export const tests = [
  ['2 workers with 32 kept connections answer 20 new clients at once', async ({ stack, client, options }) => {
    const workers = await stack.fullPool('api');
    assert.equal(workers.length, 2);
    /* Held still, the workers let the web server open one each. */
    workers.forEach((pid) => process.kill(pid, 'SIGSTOP'));
    const first = Array.from({ length: 32 }, () => health(client, kept));
    try {
      await until('32 connections to the pool', () => connections(stack, 'api') >= 32);
    } finally {
      workers.forEach((pid) => process.kill(pid, 'SIGCONT'));
    }
    assert.ok((await Promise.all(first)).every(({ status }) => status === 200));
    const held = connections(stack, 'api');
    if (options.server === 'nginx') assert.ok(held >= 32, `only ${held} connections are kept`);
    const busy = Array.from({ length: 32 }, () => health(client, kept));
    const fresh = await Promise.all(Array.from({ length: 20 }, () => health(client)));
    assert.ok(fresh.every(({ status }) => status === 200));
    await Promise.all(busy);
    return `${held} connections kept`;
  }],
  ['logins do not go to the workers of the other routes', async ({ stack, people, client }) => {
    const person = await people.make('pooled');
    const [auth] = await stack.fullPool('auth');
    process.kill(auth, 'SIGSTOP');
    let waiting;
    try {
      waiting = Promise.all(['/api/v1/auth/login', '/api/auth/login'].map((path) =>
        client.send('POST', path, { body: { username: person.name, password: person.password }, agent: false })));
      assert.equal((await health(client)).status, 200);
      assert.equal((await client.send('GET', '/api/v1/auth/me', { token: person.access })).status, 200);
    } finally {
      process.kill(auth, 'SIGCONT');
    }
    assert.deepEqual((await waiting).map(({ status }) => status), [200, 200]);
  }],
  ['an account that an admin makes is hashed by the same workers, and listing is not', async ({ stack, people, client }) => {
    const admin = await people.admin();
    const [auth] = await stack.fullPool('auth');
    const names = ['/api/v1/admin/users', '/api/admin/users'].map((path, i) => ({ path, username: `made${i}-${secretWord(4)}` }));
    process.kill(auth, 'SIGSTOP');
    let making;
    let over = 0;
    try {
      making = Promise.all(names.map(({ path, username }) => {
        const password = `pass ${secretWord()}`;
        people.secrets.push(password);
        return client.send('POST', path, { token: admin.access, body: { username, password }, agent: false }).finally(() => over++);
      }));
      for (const path of ['/api/v1/admin/users', '/api/admin/users'])
        assert.equal((await client.send('GET', path, { token: admin.access })).status, 200);
      assert.equal(over, 0, 'an account was made without the workers that hash');
    } finally {
      process.kill(auth, 'SIGCONT');
    }
    assert.deepEqual((await making).map(({ status }) => status), [201, 201]);
  }],
  ['a worker told to end finishes its request first', async ({ stack, people, client }) => {
    const person = await people.make('inflight');
    for (let tries = 0; ; tries++) {
      assert.ok(tries < 20, 'never caught a worker at work');
      const [pid] = await stack.fullPool('auth');
      let over = false;
      const answer = login(client, person).finally(() => (over = true));
      while (!over && state(pid) !== 'R') await pause(1);
      if (!over) process.kill(pid, 'SIGTERM');
      const caught = !over;
      assert.equal((await answer).status, 200);
      if (!caught) continue;
      await until('the worker ends', () => !isAlive(pid));
      break;
    }
    await stack.fullPool('auth');
  }],
  ['workers killed twenty times over come back each time', async ({ stack, client }) => {
    for (let i = 0; i < 20; i++) {
      const pids = await stack.fullPool('api');
      pids.forEach((pid) => process.kill(pid, 'SIGKILL'));
      await until('they are gone', () => !pids.some(isAlive));
      await answered(client);
    }
    await stack.fullPool('api');
  }],
  ['a killed supervisor of workers comes back', async ({ stack, client }) => {
    for (const name of ['api', 'auth']) {
      const [worker] = await stack.fullPool(name);
      const supervisor = parentOf(worker);
      process.kill(supervisor, 'SIGKILL');
      await until('its workers end with it', () => !isAlive(worker));
      await until('a new one', async () => (await stack.fullPool(name)) && parentOf((await stack.fullPool(name))[0]) !== supervisor);
    }
    await answered(client);
  }],
  ['a killed web server and a killed background process come back', async ({ stack, client }) => {
    const webs = () => stack.processes((words) => /nginx|lighttpd/.test(words[0]) && !words.includes('setpriv') && words.join().includes(stack.server));
    const old = webs();
    const [web] = old;
    const [work] = stack.processes((words) => words[0]?.endsWith('/kontor') && words.includes('work'));
    for (const pid of [web, work]) process.kill(pid, 'SIGKILL');
    /* its children serve on for a moment */
    await until('the old web server is gone', () => !old.some(isAlive));
    await until('the page is served again', () => client.send('GET', '/', { agent: false }).then(({ status }) => status === 200, () => false));
    await until('the background process is back', () =>
      stack.processes((words) => words[0]?.endsWith('/kontor') && words.includes('work')).some((pid) => pid !== work));
    await answered(client);
  }],
  ['without a worker the web server says so as a problem', (context) => withStack(context, {}, async ({ stack: other }) => {
    const [worker] = await other.fullPool('api');
    const supervisor = parentOf(worker);
    /* Nobody listens any more while the loop above it is held still. */
    process.kill(parentOf(supervisor), 'SIGSTOP');
    process.kill(supervisor, 'SIGKILL');
    await until('the worker ends', () => !isAlive(worker));
    const answer = await health(other.client);
    process.kill(parentOfStopped(other), 'SIGCONT');
    assert.ok([502, 503].includes(answer.status), answer.text);
    assert.match(answer.headers['content-type'], /^application\/problem\+json/);
    assert.equal(answer.json.code, 'unavailable');
    assert.equal(answer.count('strict-transport-security'), 1);
    assert.equal(answer.count('content-security-policy'), 1);
    await answered(other.client);
  })],
  ['a request past its time ends its worker, and only that', (context) => withStack(context, {
    settings: { REQUEST_TIMEOUT_MS: '400', ARGON2_PASSES: '20', ARGON2_MEMORY_KIB: '262144' },
  }, async ({ stack: other }) => {
    const [pid] = await other.fullPool('auth');
    const body = { username: 'slow-hash', password: 'a long enough pass phrase' };
    const answer = await other.client.send('POST', '/api/v1/auth/register', { body, agent: false });
    assert.ok([500, 502, 503].includes(answer.status), `${answer.status} ${answer.text}`);
    await until('the worker ended', () => !isAlive(pid));
    await answered(other.client);
    const [next] = await other.fullPool('auth');
    assert.notEqual(next, pid);
    const wrong = await other.client.send('GET', '/api/v1/auth/login', { agent: false });
    assert.equal(wrong.status, 405);
  })],
];

/* scripts/supervise of a pool that was stopped above. */
function parentOfStopped(stack) {
  return stack.processes((words) => words.some((word) => word.endsWith('/supervise'))).find((pid) => state(pid) === 'T');
}
