/* What is secret stands nowhere in clear: not in the database, not in its
   log, not in ours, not in an answer. */
import { until } from '../lib/wait.mjs';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { secretWord } from '../lib/people.mjs';
import { filesBelow } from '../lib/stack.mjs';

const NAMES = ['binance_api_key', 'binance_secret', 'coingecko_api_key', 'telegram_token', 'telegram_chat_id'];

function findOnDisk(stack, secret) {
  const forms = [secret, Buffer.from(secret).toString('base64').replace(/=+$/, '').slice(0, -2), Buffer.from(secret).toString('hex')];
  return filesBelow(stack.data).filter((file) => {
    const bytes = readFileSync(file);
    return forms.some((form) => bytes.includes(form));
  });
}

export const tests = [
  ['stored exchange keys are shown as a hint only and never in clear on the disk', async ({ stack, people, client }) => {
    const { access } = await people.make('vault');
    const values = Object.fromEntries(NAMES.map((name) => [name, `${name}${secretWord(16)}`]));
    if (values.telegram_chat_id) values.telegram_chat_id = `-100${Math.trunc(1e12 + Math.random() * 1e12)}`;
    const put = await client.send('PATCH', '/api/v1/settings', { token: access, body: values });
    assert.equal(put.status, 200, put.text);
    const get = await client.send('GET', '/api/v1/settings', { token: access });
    for (const [name, value] of Object.entries(values)) {
      assert.equal(get.json[name].set, true, name);
      assert.ok(!put.text.includes(value) && !get.text.includes(value), name);
      assert.ok(get.json[name].hint.length <= 5, get.json[name].hint);
      assert.deepEqual(findOnDisk(stack, value), [], name);
    }
  }],
  ['sealed anew by `kontor keys reseal`, they are still not in clear', async ({ stack, people, client }) => {
    const { access } = await people.make('reseal');
    const value = `binance${secretWord(16)}`;
    assert.equal((await client.send('PATCH', '/api/v1/settings', { token: access, body: { binance_secret: value } })).status, 200);
    for (const words of [['keys', 'rotate', 'vault'], ['keys', 'reseal']]) {
      const { code, out, err } = stack.kontor(...words);
      assert.equal(code, 0, out + err);
    }
    assert.deepEqual(findOnDisk(stack, value), []);
    const get = await client.send('GET', '/api/v1/settings', { token: access });
    assert.equal(get.json.binance_secret.set, true);
  }],
  ['a new signing key signs, and the old tokens go on', async ({ stack, people, client }) => {
    const before = await people.make('rotating');
    assert.equal(stack.kontor('keys', 'rotate', 'token').code, 0);
    assert.equal((await client.send('GET', '/api/v1/auth/me', { token: before.access })).status, 200);
    const kid = (token) => JSON.parse(Buffer.from(token.split('.')[0], 'base64url')).kid;
    const old = kid(before.access);
    /* each worker looks at its key files ten times a second */
    await until('the new key signs', async () => {
      await people.login(before);
      return kid(before.access) !== old;
    });
    assert.equal((await client.send('GET', '/api/v1/auth/me', { token: before.access })).status, 200);
  }],
  ['passwords and tokens stand nowhere on the disk', async ({ stack, people }) => {
    await people.make('hidden');
    assert.ok(people.secrets.length > 10);
    for (const secret of people.secrets) assert.deepEqual(findOnDisk(stack, secret), []);
    return `${people.secrets.length} secrets`;
  }],
  ['an API key stands nowhere on the disk', async ({ stack, people, client }) => {
    const { access } = await people.make('keyholder');
    const made = await client.send('POST', '/api/v1/keys', { token: access, body: { name: 'k', scopes: ['strategies:read'] } });
    const secret = made.json.secret.split('.').pop();
    assert.ok(secret.length >= 32, 'the secret part is long');
    assert.deepEqual(findOnDisk(stack, secret), []);
    const list = await client.send('GET', '/api/v1/keys', { token: access });
    assert.ok(!list.text.includes(secret));
  }],
];
