/* Idempotency-Key on every creating call: one thing for one key, the same
   answer again, nothing of a secret kept. (Orders: orders.mjs.) */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { routesOf } from './isolation.mjs';
import { bring } from './orders.mjs';

const definition = JSON.parse(readFileSync(new URL('../data/sma.json', import.meta.url), 'utf8'));

async function maker({ client, people }, name) {
  const person = await people.make(name);
  person.post = (path, body, key) =>
    client.send('POST', `/api/v1${path}`, { token: person.access, body, headers: key ? { 'Idempotency-Key': key } : {} });
  person.get = async (path) => (await client.send('GET', `/api/v1${path}`, { token: person.access })).json;
  return person;
}

/* Every route that the gate keeps keys for; what it takes comes from here. */
async function bodies(alice) {
  const { id } = (await alice.post('/strategies', { definition })).json;
  const channel = (await alice.post('/notifications/channels', { kind: 'telegram' })).json.id;
  const what = { strategy_id: id, symbol: 'GOOG' };
  return {
    '/strategies': [{ definition }, 201],
    '/strategies/{id}/start': [{ mode: 'signal', symbol: 'GOOG' }, 201, `/strategies/${id}/start`],
    '/backtests': [what, 201],
    '/backtests/sweeps': [what, 202],
    '/backtests/walk-forward': [{ ...what, in_sample: '1000b', out_of_sample: '500b' }, 202],
    '/notifications/channels/{id}/test': [undefined, 202, `/notifications/channels/${channel}/test`],
    '/portfolio/reset': [{ balance: '500' }, 200],
  };
}

export const tests = [
  ['each creating call answers a second time what it answered the first', async (context) => {
    const alice = await maker(context, 'alice');
    const known = await bodies(alice);
    const kept = routesOf(context.stack).filter(({ demands, path }) =>
      demands.includes('key') && !demands.includes('keeps') && !demands.includes('hides') && !path.startsWith('/settings'));
    assert.ok(kept.length >= 6);
    for (const { path } of kept) {
      const [body, status, real] = known[path] ?? assert.fail(`no body for ${path}`);
      const first = await alice.post(real ?? path, body, 'k');
      assert.equal(first.status, path === '/strategies' ? status : 422, `${path}: ${first.text}`);
      const made = await alice.post(real ?? path, body, `k-${path}`);
      assert.equal(made.status, status, `${path}: ${made.text}`);
      const again = await alice.post(real ?? path, body, `k-${path}`);
      assert.equal(again.status, status, `${path}: ${again.text}`);
      assert.equal(again.text, made.text, path);
      assert.equal(again.headers.location, made.headers.location, path);
      assert.equal(again.headers['content-type'], made.headers['content-type']);
    }
    assert.equal((await alice.get('/strategies')).data.length, 3);
    assert.equal((await alice.get('/backtests')).data.length, 1);
    assert.equal((await alice.get('/backtests/sweeps')).data.length, 1);
    const bob = await maker(context, 'bob');
    const his = await bob.post('/strategies', { definition }, 'k');
    assert.equal(his.status, 201);
    assert.notEqual(his.json.id, (await alice.post('/strategies', { definition }, 'k')).json.id);
  }],
  ['the query is part of what was asked: another account is another request', async (context) => {
    bring(context.stack);
    const alice = await maker(context, 'alice');
    assert.equal((await alice.post('/orders', { symbol: 'DESK', side: 'buy', type: 'market', quantity: '1' })).status, 201);
    const close = '/portfolio/positions/DESK/close';
    const first = await alice.post(`${close}?account=1`, undefined, 'k');
    assert.equal(first.status, 201, first.text);
    const other = await alice.post(`${close}?account=2`, undefined, 'k');
    assert.equal(other.status, 422, other.text);
    assert.equal((await alice.post(`${close}?account=1`, undefined, 'k')).text, first.text);
  }],
  ['many at once make one thing; who comes too early is told so', async (context) => {
    const alice = await maker(context, 'alice');
    const answers = await Promise.all(Array.from({ length: 8 }, () => alice.post('/strategies', { definition }, 'once')));
    const good = answers.filter(({ status }) => status === 201);
    assert.ok(good.length >= 1);
    assert.equal(new Set(good.map(({ text }) => text)).size, 1);
    for (const { status, text } of answers) assert.ok(status === 201 || status === 409, text);
    assert.equal((await alice.get('/strategies')).data.length, 1);
    assert.equal((await alice.post('/strategies', { definition }, 'once')).text, good[0].text);
  }],
  ['what was refused leaves the key free', async (context) => {
    const alice = await maker(context, 'alice');
    assert.equal((await alice.post('/strategies', { definition: { version: 2 } }, 'k')).status, 400);
    assert.equal((await alice.post('/strategies', { definition }, 'k')).status, 201);
    assert.equal((await alice.post('/strategies', { definition }, 'a b')).status, 400);
  }],
  ['an API key is made once, and its secret is not kept for a second answer', async (context) => {
    const alice = await maker(context, 'alice');
    const body = { name: 'mine', scopes: ['strategies:read'] };
    const made = await alice.post('/keys', body, 'k');
    assert.equal(made.status, 201, made.text);
    const again = await alice.post('/keys', body, 'k');
    assert.equal(again.status, 409, again.text);
    assert.match(again.json.detail, new RegExp(made.json.id));
    assert.equal((await alice.get('/keys')).data.length, 1);
    const secret = made.json.secret.split('.').pop();
    for (const end of ['', '-wal'])
      assert.ok(!readFileSync(`${context.stack.data}/kontor.db${end}`).includes(secret), `in kontor.db${end}`);
  }],
];
