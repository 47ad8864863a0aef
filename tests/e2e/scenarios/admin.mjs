/* Settings as the operator and the admin see them, and that there is always an
   admin left. On a house of its own: it signs tokens with a given secret. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withStack } from '../lib/own.mjs';
import { secretWord } from '../lib/people.mjs';

const withHouse = (context, settings, work) =>
  withStack(context, { workers: [2, 1], settings }, ({ stack, people }) => work(stack, people));

const dump = (stack) => {
  const { code, out, err } = stack.kontor('config', 'dump', '--json');
  assert.equal(code, 0, err);
  return Object.fromEntries(JSON.parse(out).map((row) => [row.name, row]));
};

const isSignedWith = (token, secret) => {
  const [head, body, signature] = token.split('.');
  return createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url') === signature;
};

export const tests = [
  ['each setting says where it came from, and a secret is never shown', async (context) => {
    const secret = secretWord(24);
    await withHouse(context, { JWT_SECRET_KEY: secret, REDIS_PASSWORD: '' }, async (other, people) => {
      const admin = await people.admin();
      assert.ok(isSignedWith(admin.access, secret), 'tokens are not signed with JWT_SECRET_KEY');
      const put = await other.client.send('PUT', '/api/v1/admin/settings', {
        token: admin.access, body: { values: { CACHE_TTL_LISTS: 3 } },
      });
      assert.equal(put.status, 200, put.text);
      const rows = dump(other);
      assert.deepEqual([rows.CACHE_TTL_LISTS.value, rows.CACHE_TTL_LISTS.source], [3, 'database']);
      assert.deepEqual([rows.JWT_SECRET_KEY.value, rows.JWT_SECRET_KEY.source], ['(set)', 'environment']);
      assert.deepEqual([rows.REDIS_PASSWORD.value, rows.REDIS_PASSWORD.source], ['', 'default']);
      assert.equal(rows.DATA_FOLDER.source, 'file');
      assert.match(rows.DATA_FOLDER.where, /kontor\.conf:\d+$/);
      assert.equal(rows.STRATEGIES_PER_USER.source, 'default');
      const text = other.kontor('config', 'dump');
      assert.match(text.out, /^CACHE_TTL_LISTS=3\t# database$/m);
      for (const out of [text.out, JSON.stringify(rows), put.text, ...Object.values(other.logs())])
        assert.ok(!out.includes(secret), 'the secret was shown');
    });
  }],
  ['a secret in a file that others may read, or named twice, stops every command', async ({ stack }) => {
    const path = join(stack.folder, 'signing.key');
    const run = (settings) => {
      const kept = stack.settings;
      stack.settings = { ...kept, ...settings };
      try {
        return stack.kontor('config', 'dump');
      } finally {
        stack.settings = kept;
      }
    };
    const secret = secretWord(24);
    writeFileSync(path, `${secret}\n`);
    chmodSync(path, 0o644);
    const open = run({ JWT_SECRET_KEY_FILE: path });
    assert.equal(open.code, 1);
    assert.match(open.err, /JWT_SECRET_KEY_FILE: .*others may read/);
    chmodSync(path, 0o600);
    const good = run({ JWT_SECRET_KEY_FILE: path });
    assert.equal(good.code, 0, good.err);
    assert.ok(good.out.includes(`JWT_SECRET_KEY=(set)\t# secret file ${path}`), good.out);
    const twice = run({ JWT_SECRET_KEY_FILE: path, JWT_SECRET_KEY: secret });
    assert.equal(twice.code, 1);
    for (const text of [open.err, good.out, twice.err]) assert.ok(!text.includes(secret));
  }],
  ['who is disabled or removed cannot sign in', async (context) => {
    /* On a house of its own: failed sign-ins count against the address. */
    await withHouse(context, {}, async (other, people) => {
      const [admin, alice] = [await people.admin(), await people.make('alice')];
      const path = `/api/v1/admin/users/${alice.id}`;
      const signIn = () => other.client.send('POST', '/api/v1/auth/login', { body: { username: alice.name, password: alice.password } });
      const act = (method, body) => other.client.send(method, path, { token: admin.access, body });
      assert.equal((await act('PATCH', { disabled: true })).status, 200);
      const disabled = await signIn();
      assert.deepEqual([disabled.status, disabled.json.code], [401, 'bad_credentials']);
      assert.equal((await act('PATCH', { disabled: false })).status, 200);
      assert.equal((await signIn()).status, 200);
      assert.equal((await act('DELETE')).status, 204);
      const removed = await signIn();
      assert.deepEqual([removed.status, removed.json.code], [401, 'bad_credentials']);
    });
  }],
  ['two admins who lower each other at once leave one', async (context) => {
    await withHouse(context, {}, async (other, people) => {
      const first = await people.admin();
      const send = (who, id, body) => other.client.send('PATCH', `/api/v1/admin/users/${id}`, { token: who.access, body });
      for (let round = 0; round < 5; round++) {
        const second = await people.make('second');
        assert.equal((await send(first, second.id, { role: 'admin' })).status, 200);
        await people.login(second);
        const answers = await Promise.all([
          send(first, second.id, { role: 'user' }), send(second, first.id, { role: 'user' }),
        ]);
        const won = answers.filter(({ status }) => status === 200).length;
        assert.equal(won, 1, answers.map(({ text }) => text).join('\n'));
        const [lowered, left] = answers[0].status === 200 ? [second, first] : [first, second];
        assert.equal((await other.client.send('GET', '/api/v1/auth/me', { token: lowered.access })).status, 401);
        const admins = await other.client.send('GET', '/api/v1/admin/users?role=admin&disabled=false', { token: left.access });
        assert.deepEqual(admins.json.data.map(({ id }) => id), [left.id]);
        if (left === first) continue;
        assert.equal((await send(second, first.id, { role: 'admin' })).status, 200);
        await people.login(first);
        assert.equal((await send(first, second.id, { role: 'user' })).status, 200);
      }
    });
  }],
];
