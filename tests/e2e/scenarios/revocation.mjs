/* Who is logged out is out: at once, in every worker, on every connection,
   and still after all workers were killed. */
import assert from 'node:assert/strict';
import { kept } from '../lib/client.mjs';
import { until } from '../lib/wait.mjs';

const me = (client, token, agent) => client.send('GET', '/api/v1/auth/me', { token, agent });

/* Twenty on kept connections and twenty on new ones, all at once. */
const everywhere = (client, token) =>
  Promise.all(Array.from({ length: 40 }, (_, i) => me(client, token, i % 2 ? kept : false)));

const allAre = (answers, status) =>
  assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [status], answers[0].text);

export async function killAll(stack) {
  for (const name of ['api', 'auth']) {
    const pids = await stack.fullPool(name);
    pids.forEach((pid) => process.kill(pid, 'SIGKILL'));
    await until(`new workers in ${name}`, () => {
      const now = stack.pool(name);
      return now.length === pids.length && now.every((pid) => !pids.includes(pid));
    });
  }
}

/* What one person does, and whether the tokens of the session are dead then. */
const ENDINGS = [
  ['logout', (client, person) => client.send('POST', '/api/v1/auth/logout', { token: person.access })],
  ['logout-all', (client, person) => client.send('POST', '/api/v1/auth/logout-all', { token: person.access })],
];

export const tests = [
  ...ENDINGS.map(([name, end]) => [
    `after ${name} both tokens are dead everywhere, and after kill -9 of all workers`,
    async ({ stack, people, client }) => {
      const person = await people.make('leaver');
      allAre(await everywhere(client, person.access), 200);
      const ended = await end(client, person);
      assert.equal(ended.status, 200, ended.text);
      const after = await everywhere(client, person.access);
      allAre(after, 401);
      assert.equal(after[0].json.detail, 'Token has been revoked');
      await killAll(stack);
      allAre(await everywhere(client, person.access), 401);
      const refresh = await client.send('POST', '/api/v1/auth/refresh', { body: { refresh_token: person.refresh } });
      assert.equal(refresh.status, 401);
    },
  ]),
  ['logout ends this session only, logout-all every one', async ({ people, client }) => {
    const first = await people.make('twice');
    const second = await people.login({ ...first });
    await client.send('POST', '/api/v1/auth/logout', { token: first.access });
    assert.equal((await me(client, first.access)).status, 401);
    assert.equal((await me(client, second.access)).status, 200);
    const third = await people.login({ ...first });
    await client.send('POST', '/api/v1/auth/logout-all', { token: third.access });
    for (const { access } of [second, third]) assert.equal((await me(client, access)).status, 401);
  }],
  ['a changed password ends the other sessions and the old password', async ({ people, client }) => {
    const first = await people.make('changer');
    const other = await people.login({ ...first });
    const password = `another ${first.password}`;
    const answer = await client.send('POST', '/api/v1/auth/change-password', {
      token: first.access, body: { current_password: first.password, new_password: password },
    });
    assert.equal(answer.status, 200, answer.text);
    allAre(await everywhere(client, other.access), 401);
    const refresh = await client.send('POST', '/api/v1/auth/refresh', { body: { refresh_token: other.refresh } });
    assert.equal(refresh.status, 401);
    const old = await client.send('POST', '/api/v1/auth/login', { body: { username: first.name, password: first.password } });
    assert.equal(old.status, 401);
    await people.login({ ...first, password });
  }],
  ['a session ended from the list is dead', async ({ people, client }) => {
    const first = await people.make('lister');
    const other = await people.login({ ...first });
    const list = await client.send('GET', '/api/v1/auth/sessions', { token: first.access });
    const { id } = (list.json.data ?? list.json).find((session) => !session.current);
    const ended = await client.send('DELETE', `/api/v1/auth/sessions/${id}`, { token: first.access });
    assert.equal(ended.status, 204, ended.text);
    allAre(await everywhere(client, other.access), 401);
    assert.equal((await me(client, first.access)).status, 200);
  }],
  ['a removed API key is dead', async ({ people, client }) => {
    const { access } = await people.make('remover');
    const made = await client.send('POST', '/api/v1/keys', { token: access, body: { name: 'gone', scopes: ['strategies:read'] } });
    const ask = () => client.send('GET', '/api/v1/strategies', { headers: { 'X-API-Key': made.json.secret } });
    assert.equal((await ask()).status, 200);
    assert.equal((await client.send('DELETE', `/api/v1/keys/${made.json.id}`, { token: access })).status, 204);
    assert.equal((await ask()).status, 401);
  }],
  ['the operator\'s commands end sessions, too', async ({ stack, people, client }) => {
    const one = await people.make('ended');
    assert.equal(stack.kontor('user', 'logout', one.name).code, 0);
    allAre(await everywhere(client, one.access), 401);
    const two = await people.make('disabled');
    assert.equal(stack.kontor('user', 'disable', two.name).code, 0);
    allAre(await everywhere(client, two.access), 401);
    const login = await client.send('POST', '/api/v1/auth/login', { body: { username: two.name, password: two.password } });
    assert.equal(login.status, 401);
    assert.equal(stack.kontor('user', 'enable', two.name).code, 0);
    await people.login(two);
  }],
  ['a changed password and the operator\'s commands end API keys, too', async ({ stack, people, client }) => {
    const keyOf = async ({ access: token }) => {
      const made = await client.send('POST', '/api/v1/keys', { token, body: { name: 'robot', scopes: ['strategies:read'] } });
      assert.equal(made.status, 201, made.text);
      return () => client.send('GET', '/api/v1/strategies', { headers: { 'X-API-Key': made.json.secret } });
    };
    const other = await keyOf(await people.make('keeps'));
    const acts = {
      revoke: (one) => stack.kontor('user', 'revoke-keys', one.name),
      logout: (one) => stack.kontor('user', 'logout', one.name),
      disable: (one) => stack.kontor('user', 'disable', one.name),
      role: (one) => stack.kontor('user', 'role', one.name, 'admin'),
      change: (one) => client.send('POST', '/api/v1/auth/change-password', {
        token: one.access, body: { current_password: one.password, new_password: `${one.password} again` },
      }),
    };
    for (const [nick, act] of Object.entries(acts)) {
      const one = await people.make(nick);
      const ask = await keyOf(one);
      assert.equal((await ask()).status, 200, nick);
      const { code, status } = await act(one);
      assert.ok(code === 0 || status === 200, nick);
      assert.equal((await ask()).status, 401, nick);
    }
    assert.equal((await other()).status, 200);
  }],
];
