/* The figures of the running stack: the real promtool reads them, they are
   exact, all workers share them, and a worker's death loses none. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import https from 'node:https';
import { isAlive } from '../lib/processes.mjs';
import { until } from '../lib/wait.mjs';

const fresh = { agent: false };

async function scrape(client) {
  const answer = await client.send('GET', '/metrics', fresh);
  assert.equal(answer.status, 200, answer.text);
  return answer.text;
}

/* {'name{labels}': number} */
const read = (text) =>
  new Map([...text.matchAll(/^(kontor_[^#\n]*) (\S+)$/gm)].map(([, name, value]) => [name, Number(value)]));
const figures = async (client) => read(await scrape(client));
const requests = (map, route, status) => map.get(`kontor_http_requests_total{route="${route}",status="${status}"}`) ?? 0;

/* As a client with another address of this machine. */
const from = (stack, localAddress, path) =>
  new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1', port: stack.port, path, localAddress, servername: 'localhost', ca: stack.client.ca, agent: false,
    };
    https.get(options, (message) => {
      let text = '';
      message.on('data', (part) => (text += part)).on('end', () => resolve({ status: message.statusCode, text }));
    }).on('error', reject);
  });

export const tests = [
  ['promtool has nothing to say about /metrics', async ({ client, people }) => {
    await people.make('counted');
    const text = await scrape(client);
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    assert.equal(`${stdout}${stderr}`, '');
    assert.equal(status, 0);
    return `${text.length} bytes`;
  }],
  ['what was asked was counted, once each, by all workers together', async ({ stack, client, people }) => {
    const person = await people.make('exact');
    await stack.fullPool('api');
    const before = await figures(client);
    const ask = (path, more) => client.send('GET', path, { ...fresh, ...more });
    await Promise.all([
      ...Array.from({ length: 60 }, () => ask('/api/v1/auth/me', { token: person.access })),
      ...Array.from({ length: 20 }, () => ask('/api/v1/strategies/none', { token: person.access })),
      ...Array.from({ length: 10 }, () => ask('/api/v1/no/such/path')),
      ...Array.from({ length: 5 }, () => ask('/api/v1/auth/me')),
    ]);
    await client.send('POST', '/api/v1/auth/login', { body: { username: person.name, password: 'not the password' } });
    const after = await figures(client);
    const more = (route, status) => requests(after, route, status) - requests(before, route, status);
    const rest = (name) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
    assert.equal(more('GET /auth/me', 200), 60);
    assert.equal(more('GET /auth/me', 401), 5);
    assert.equal(more('GET /strategies/{id}', 404), 20);
    assert.equal(more('none', 404), 10);
    assert.equal(more('POST /auth/login', 401), 1);
    assert.equal(rest('kontor_http_request_duration_seconds_count{route="GET /auth/me"}'), 65);
    assert.equal(rest('kontor_http_request_duration_seconds_bucket{route="GET /auth/me",le="+Inf"}'), 65);
    assert.equal(rest('kontor_http_responses_total{class="2xx"}'), 61); /* and the first look at the figures */
    assert.equal(rest('kontor_token_checks_total{result="valid"}'), 80);
    assert.equal(rest('kontor_auth_attempts_total{result="failure"}'), 1);
    assert.ok(rest('kontor_database_operations_total{op="query"}') >= 80);
    assert.equal(rest('kontor_database_operations_total{op="error"}'), 0);
  }],
  ['no worker takes its figures with it', async ({ stack, client }) => {
    const pids = await stack.fullPool('api');
    const before = await figures(client);
    assert.equal(before.get('kontor_workers{pool="api"}'), pids.length);
    assert.equal(before.get('kontor_workers{pool="auth"}'), (await stack.fullPool('auth')).length);
    for (let i = 0; i < 10; i++) await client.send('GET', '/api/health/live', fresh);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await until('they are gone', () => !pids.some(isAlive));
    await stack.fullPool('api');
    await until('the new ones answer', async () => (await client.send('GET', '/health/ready', fresh)).status === 200);
    const after = await until('the new ones are counted', async () => {
      const now = await figures(client);
      return now.get('kontor_workers{pool="api"}') === pids.length && now;
    });
    assert.equal(requests(after, 'GET /health/live', 200) - requests(before, 'GET /health/live', 200), 10);
    assert.equal(after.get('kontor_worker_starts_total{pool="api"}') - before.get('kontor_worker_starts_total{pool="api"}'), pids.length);
  }],
  ['kontor metrics prints the same', async ({ stack, client }) => {
    const before = await figures(client);
    const { code, out, err } = stack.kontor('metrics');
    assert.equal(code, 0, err);
    const now = read(out);
    assert.deepEqual([...now.keys()].filter((name) => !name.includes('GET /metrics')), [...before.keys()].filter((name) => !name.includes('GET /metrics')));
    assert.equal(now.get('kontor_worker_starts_total{pool="api"}'), before.get('kontor_worker_starts_total{pool="api"}'));
  }],
  ['an address that is not trusted sees none of it', async ({ makeStack }) => {
    const other = makeStack({ settings: { TRUSTED_ADDRESSES: '127.0.0.1/32' } });
    try {
      await other.start();
      assert.equal((await from(other, '127.0.0.1', '/metrics')).status, 200);
      assert.match((await from(other, '127.0.0.1', '/health/ready')).text, /database/);
      const refused = await from(other, '127.0.0.2', '/metrics');
      assert.equal(refused.status, 403);
      assert.doesNotMatch(refused.text, /kontor_/);
      assert.equal((await from(other, '127.0.0.2', '/health/ready')).text, '{"status":"ok"}');
      assert.equal((await from(other, '127.0.0.2', '/api/metrics/system')).status, 200);
    } finally {
      await other.stop();
      other.remove();
    }
  }],
];
