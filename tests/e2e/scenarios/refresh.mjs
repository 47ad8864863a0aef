/* Refresh tokens: each works once, twins get the same successor for a moment,
   reuse ends the whole session. */
import assert from 'node:assert/strict';

const refresh = (client, token) => client.send('POST', '/api/v1/auth/refresh', { body: { refresh_token: token }, agent: false });
const me = (client, token) => client.send('GET', '/api/v1/auth/me', { token });

export const tests = [
  ['both tokens are new, and the old access token goes on until it ends', async ({ people, client }) => {
    const person = await people.make('fresh');
    const answer = await refresh(client, person.refresh);
    assert.equal(answer.status, 200, answer.text);
    assert.notEqual(answer.json.access_token, person.access);
    assert.notEqual(answer.json.refresh_token, person.refresh);
    assert.equal(answer.json.token_type, 'bearer');
    assert.equal((await me(client, answer.json.access_token)).status, 200);
    assert.ok(answer.json.refresh_expires_in <= 604_800);
  }],
  ['twenty at once leave one living successor', async ({ people, client }) => {
    const person = await people.make('twenty');
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(client, person.refresh)));
    const good = answers.filter(({ status }) => status === 200);
    assert.ok(good.length >= 1);
    assert.ok(answers.every(({ status }) => [200, 401].includes(status)), answers.map((one) => one.status).join());
    const children = new Set(good.map(({ json }) => json.refresh_token));
    assert.equal(children.size, 1, 'more than one successor');
    const next = await refresh(client, [...children][0]);
    assert.equal(next.status, 200, next.text);
  }],
  ['within the grace a second tab gets the same successor', async ({ people, client }) => {
    const person = await people.make('tabs');
    const first = await refresh(client, person.refresh);
    const second = await refresh(client, person.refresh);
    assert.equal(second.status, 200, second.text);
    assert.equal(second.json.refresh_token, first.json.refresh_token);
    assert.equal((await me(client, second.json.access_token)).status, 200);
  }],
  ['a token two generations old ends the session at once', async ({ people, client }) => {
    const person = await people.make('thief');
    const second = (await refresh(client, person.refresh)).json;
    const third = (await refresh(client, second.refresh_token)).json;
    assert.equal((await refresh(client, person.refresh)).status, 401);
    assert.equal((await refresh(client, third.refresh_token)).status, 401);
    assert.equal((await me(client, third.access_token)).status, 401);
  }],
  ['an access token is no refresh token, junk neither', async ({ people, client }) => {
    const person = await people.make('mixed');
    for (const token of [person.access, 'junk', 'A'.repeat(43), `${person.refresh}A`, person.refresh.slice(1), person.refresh.toLowerCase() + 'x'])
      assert.ok([400, 401].includes((await refresh(client, token)).status), token.slice(0, 20));
    assert.equal((await refresh(client, person.refresh)).status, 200);
  }],
];
