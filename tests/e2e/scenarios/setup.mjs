/* What `make run` prints, and the one-time link that makes the first admin. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export const tests = [
  ['the URL and the link are lines for scripts', async ({ stack }) => {
    assert.equal(stack.url, `https://localhost:${stack.port}`);
    assert.match(stack.adminLink, new RegExp(`^${stack.url}/#/setup/[A-Za-z0-9._-]{22,}$`));
  }],
  ['keys, database and certificate are made, readable by their owner alone', async ({ stack }) => {
    for (const name of ['keys/token.keys', 'keys/hash.keys', 'tls/key.pem', 'kontor.db']) {
      assert.ok(existsSync(join(stack.data, name)), name);
      assert.equal(statSync(join(stack.data, name)).mode & 0o077, 0, name);
    }
    assert.equal(statSync(join(stack.data, 'keys')).mode & 0o077, 0);
  }],
  ['no schema change is pending', async ({ stack }) => {
    const { code, out } = stack.kontor('migrate', 'status');
    assert.equal(code, 0, out);
    assert.doesNotMatch(out, /pending [1-9]/);
  }],
  ['there is no default account', async ({ client }) => {
    for (const name of ['admin', 'root', 'kontor'])
      for (const password of ['admin', 'password', 'kontor']) {
        const answer = await client.send('POST', '/api/v1/auth/login', { body: { username: name, password } });
        assert.equal(answer.status, 401, answer.text);
      }
  }],
  ['a wrong token makes no admin', async ({ client }) => {
    const body = { token: 'A'.repeat(43), username: 'mallory', password: 'a long enough pass phrase' };
    const answer = await client.send('POST', '/api/v1/auth/setup', { body });
    assert.ok([400, 401, 404].includes(answer.status), answer.text);
  }],
  ['the link makes an admin, once', async ({ people, stack, client }) => {
    const admin = await people.admin();
    const me = await client.send('GET', '/api/v1/auth/me', { token: admin.access });
    assert.equal(me.json.role, 'admin');
    const body = {
      token: stack.adminLink.split('/').pop(), username: 'second-admin', password: 'a long enough pass phrase',
    };
    const again = await client.send('POST', '/api/v1/auth/setup', { body });
    assert.ok([400, 401, 404, 409].includes(again.status), again.text);
  }],
  ['the set-up token stands nowhere on the disk', async ({ stack }) => {
    const token = stack.adminLink.split('/').pop();
    for (const name of ['kontor.db', 'kontor.db-wal'])
      if (existsSync(join(stack.data, name)))
        assert.ok(!readFileSync(join(stack.data, name)).includes(token), name);
  }],
  ['candles came with it', async ({ people, client }) => {
    const { access } = await people.make('reader');
    const answer = await client.send('GET', '/api/v1/market/symbols', { token: access });
    assert.equal(answer.status, 200, answer.text);
    assert.ok(answer.text.includes('"symbol"'), answer.text);
  }],
];
