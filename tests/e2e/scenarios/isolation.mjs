/*
 * Nobody reaches what is another's. The routes come from `kontor routes`, so a
 * new one is tested the day it is written; one whose ids this file cannot make
 * fails until it can.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { until } from '../lib/wait.mjs';

const definition = JSON.parse(readFileSync(new URL('../data/sma.json', import.meta.url), 'utf8'));
const NOBODY = '0'.repeat(26);

const jsonOf = (stack, ...words) => {
  const { code, out, err } = stack.kontor(...words);
  assert.equal(code, 0, err);
  return JSON.parse(out);
};

/* The table of routes; what a route needs comes from its documentation. */
export function routesOf(stack) {
  const { paths, components } = jsonOf(stack, 'openapi');
  return jsonOf(stack, 'routes', '--json').map((route) => {
    const doc = paths[route.path]?.[route.method.toLowerCase()] ?? assert.fail(`undocumented: ${route.method} ${route.path}`);
    const named = doc.requestBody?.content['application/json'].schema.$ref.split('/').pop();
    const query = (doc.parameters ?? []).filter((one) => one.in === 'query' && one.required).map((one) => one.name);
    return { ...route, full: `/api/v1${route.path}`, required: components.schemas[named]?.required ?? [], requiredQuery: query };
  });
}

const paramsOf = (route) => [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);

/* The background process makes it. */
async function linked(client, plaid, { access: token }) {
  const asked = await client.send('POST', '/api/v1/plaid/exchange_public_token', { token, body: { public_token: plaid.publicToken() } });
  assert.equal(asked.status, 202, asked.text);
  const link = await until('the bank is linked', async () => (await client.send('GET', asked.headers.location, { token })).json.result?.link_id);
  return link;
}

/* One of each thing that a user owns, by the path below which it stands. */
async function owned({ client, plaid }, person) {
  const make = async (path, body, status = 201) => {
    const answer = await client.send('POST', `/api/v1${path}`, { token: person.access, body });
    assert.equal(answer.status, status, `${path}: ${answer.text}`);
    return answer.json.id;
  };
  const strategy = await make('/strategies', { definition });
  const symbols = await client.send('GET', '/api/v1/market/symbols', { token: person.access });
  const first = (symbols.json.data ?? symbols.json)[0];
  const what = { strategy_id: strategy, symbol: first.symbol, interval: first.series?.at(-1)?.interval ?? '1d' };
  const backtest = await make('/backtests', what);
  const sweep = await make('/backtests/sweeps', what, 202);
  const walk = await make('/backtests/walk-forward', { ...what, in_sample: '10b', out_of_sample: '5b' }, 202);
  const run = await make(`/strategies/${strategy}/start`, { mode: 'signal', symbol: first.symbol });
  const order = await make('/orders', { symbol: first.symbol, side: 'buy', type: 'limit', quantity: '1', price: '1' });
  const errand = await make('/settings/test/telegram', undefined, 202);
  const channel = await make('/notifications/channels', { kind: 'telegram' });
  const hook = await make('/hooks', { name: 'mine' });
  const link = await linked(client, plaid, person);
  const key = await make('/keys', { name: 'mine', scopes: ['strategies:read'] });
  const sessions = await client.send('GET', '/api/v1/auth/sessions', { token: person.access });
  const session = (sessions.json.data ?? sessions.json).find((one) => one.current).id;
  return {
    ids: {
      '/strategies': strategy, '/backtests': backtest, '/backtests/sweeps': sweep, '/backtests/walk-forward': walk,
      '/orders': order, '/portfolio/positions': first.symbol, '/errands': errand, '/notifications/channels': channel, '/hooks': hook, '/plaid/links': link, '/keys': key, '/auth/sessions': session,
    },
    byMember: { strategy_id: strategy, backtest_id: backtest, session_id: session, key_id: key },
    others: [run, order],
    symbol: first.symbol,
  };
}

/* A body that passes the shape, so that only ownership can refuse it. */
const SAMPLES = {
  definition: () => definition,
  username: () => 'someone-else', password: () => 'a long enough pass phrase',
  scopes: () => ['strategies:read'], name: () => 'a name', interval: () => '1d',
  in_sample: () => '10b', out_of_sample: () => '5b',
};

function sample(field, name, things) {
  if (things.byMember[name]) return things.byMember[name];
  if (name === 'symbol') return things.symbol;
  if (SAMPLES[name]) return SAMPLES[name]();
  const kinds = { integer: 1, number: 1, boolean: true, array: [], object: {} };
  return field.enum?.[0] ?? kinds[field.type] ?? 'a long enough text';
}

function bodyFor(route, things, also = []) {
  const names = Object.keys(route.body).filter((name) => route.required.includes(name) || also.includes(name));
  if (names.length === 0 && Object.keys(route.body).length === 0) return undefined;
  return Object.fromEntries(names.map((name) => [name, sample(route.body[name], name, things)]));
}

function pathFor(route, things) {
  const below = Object.keys(things.ids).sort((a, b) => b.length - a.length).find((path) => route.path.startsWith(`${path}/`));
  assert.ok(below, `tell tests/e2e/scenarios/isolation.mjs how to own something below ${route.path}`);
  return route.full.replace(/\{\w+\}/g, things.ids[below]);
}

const call = (client, route, path, token, body) =>
  client.send(route.method, path, { token, body: body === undefined ? undefined : body });

export const tests = [
  ['every route with an id answers 404 to another user', async (context) => {
    const { stack, people, client } = context;
    const [alice, bob] = [await people.make('alice'), await people.make('bob')];
    const things = await owned(context, alice);
    const routes = routesOf(stack).filter((route) => paramsOf(route).length > 0 && route.who === 'user');
    assert.ok(routes.length >= 5, 'the table of routes is not what it was');
    for (const route of routes) {
      const path = pathFor(route, things);
      const answer = await call(client, route, path, bob.access, bodyFor(route, things));
      assert.equal(answer.status, 404, `${route.method} ${path}: ${answer.text}`);
      assert.equal(answer.json.code, 'not_found');
      const absent = path.replace(/[^/]{20,}/, NOBODY);
      const nobody = await call(client, route, absent, bob.access, bodyFor(route, things));
      const plain = ({ json }) => ({ ...json, request_id: '' });
      assert.deepEqual(plain(nobody), plain(answer), 'another\'s thing and no thing look alike');
    }
    for (const route of routes.filter(({ method }) => method === 'GET')) {
      const path = pathFor(route, things);
      const answer = await client.send('GET', path, { token: alice.access });
      assert.equal(answer.status, 200, `still there for its owner: ${path} ${answer.text}`);
    }
    return `${routes.length} routes`;
  }],
  ['every id in a body answers 404 to another user', async (context) => {
    const { stack, people, client } = context;
    const [alice, bob] = [await people.make('alice'), await people.make('bob')];
    const things = await owned(context, alice);
    let tried = 0;
    for (const route of routesOf(stack).filter((one) => one.who === 'user'))
      for (const name of Object.keys(route.body).filter((member) => /_ids?$/.test(member) && !['telegram_chat_id', 'client_order_id'].includes(member))) {
        assert.ok(things.byMember[name], `tell tests/e2e/scenarios/isolation.mjs what ${name} is`);
        const body = bodyFor(route, things, [name, 'symbol']);
        const path = paramsOf(route).length > 0 ? pathFor(route, await owned(context, bob)) : route.full;
        const answer = await call(client, route, path, bob.access, body);
        assert.equal(answer.status, 404, `${route.method} ${path} ${name}: ${answer.text}`);
        tried++;
      }
    assert.ok(tried > 0, 'no body takes an id any more');
    return `${tried} members`;
  }],
  ['no list of Bob\'s names anything of Alice\'s', async (context) => {
    const { stack, people, client } = context;
    const [alice, bob] = [await people.make('alice'), await people.make('bob')];
    const things = await owned(context, alice);
    const alices = [...Object.values(things.ids).filter((id) => id !== things.symbol), ...things.others, alice.id, alice.name];
    for (const route of routesOf(stack).filter((one) => one.method === 'GET' && one.who === 'user' && paramsOf(one).length === 0)) {
      const query = route.requiredQuery.map((name) => `${name}=${encodeURIComponent(sample(route.query[name], name, things))}`).join('&');
      const answer = await client.send('GET', `${route.full}${query && `?${query}`}`, { token: bob.access });
      assert.equal(answer.status, 200, `${route.path}: ${answer.text}`);
      for (const id of alices) assert.ok(!answer.text.includes(id), `${route.path} shows ${id}`);
    }
  }],
  ['every route that is not public answers 401 to nobody', async ({ stack, client }) => {
    const routes = routesOf(stack).filter((route) => route.who !== 'public');
    for (const route of routes) {
      const path = route.full.replace(/\{\w+\}/g, NOBODY);
      const body = Object.keys(route.body).length > 0 ? {} : undefined;
      for (const prefix of ['/api/v1', '/api']) {
        const answer = await call(client, route, path.replace('/api/v1', prefix), undefined, body);
        assert.equal(answer.status, 401, `${route.method} ${path}: ${answer.text}`);
        assert.match(answer.headers['www-authenticate'], /^Bearer/);
      }
    }
    return `${routes.length} routes`;
  }],
  ['every admin route answers 403 to a user', async ({ stack, people, client }) => {
    const { access } = await people.make('mallory');
    for (const route of routesOf(stack).filter(({ who }) => who === 'admin')) {
      const path = route.full.replace(/\{\w+\}/g, NOBODY);
      const answer = await call(client, route, path, access, Object.keys(route.body).length > 0 ? {} : undefined);
      assert.equal(answer.status, 403, `${route.method} ${path}: ${answer.text}`);
      assert.equal(answer.json.code, 'insufficient_scope');
    }
  }],
  ['an API key does only what it was made for', async ({ stack, people, client }) => {
    const { access } = await people.make('keeper');
    const made = await client.send('POST', '/api/v1/keys', { token: access, body: { name: 'narrow', scopes: ['strategies:read'] } });
    assert.equal(made.status, 201, made.text);
    const headers = { 'X-API-Key': made.json.secret };
    assert.equal((await client.send('GET', '/api/v1/strategies', { headers })).status, 200);
    for (const route of routesOf(stack).filter((one) => one.who !== 'public' && one.permission !== 'strategies:read')) {
      const path = route.full.replace(/\{\w+\}/g, NOBODY);
      const body = Object.keys(route.body).length > 0 ? {} : undefined;
      const answer = await client.send(route.method, path, { headers, body });
      assert.equal(answer.status, 403, `${route.method} ${path}: ${answer.status} ${answer.text}`);
    }
  }],
];
