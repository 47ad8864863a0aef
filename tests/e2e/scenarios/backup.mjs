/* A backup made under load, a database destroyed, a restore: the data are
   there, old tokens are not. On a stack of its own. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../lib/wait.mjs';
import { withStack } from '../lib/own.mjs';

const definition = JSON.parse(readFileSync(new URL('../data/sma.json', import.meta.url), 'utf8'));

/* Makes and removes strategies until it is told to stop; how often it did. */
function load(client, people) {
  const writer = { on: true, count: 0 };
  writer.over = Promise.all(people.map(async ({ access }) => {
    for (let i = 0; writer.on; i++) {
      const body = { definition: { ...definition, name: `load ${i}` } };
      const made = await client.send('POST', '/api/v1/strategies', { token: access, body });
      if (made.status === 201) writer.count++;
      if (made.status === 201 && i % 2) await client.send('DELETE', `/api/v1/strategies/${made.json.id}`, { token: access });
      if (made.status !== 201) await new Promise((done) => setTimeout(done, 100));
    }
  }));
  return writer;
}

/* kontor COMMAND... beside everything else (stack.kontor stops this program
   until it is through). */
const beside = (stack, ...words) =>
  new Promise((done) => {
    const config = join(stack.data, 'kontor.conf');
    execFile(join(stack.programs, 'kontor'), ['--config', config, ...words], { env: stack.environment() }, (error, out, err) =>
      done({ code: error ? error.code : 0, out, err }));
  });

const make = async (client, person, path, body) => {
  const answer = await client.send('POST', `/api/v1${path}`, { token: person.access, body });
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
};

export const tests = [
  ['made under load, destroyed, restored', (context) => withStack(context, { settings: { BACKUP_INTERVAL_HOURS: '0' } }, async ({ stack, client, people }) => {
    const [alice, bob, writer] = [await people.make('alice'), await people.make('bob'), await people.make('writer')];
    const strategy = await make(client, alice, '/strategies', { definition });
    const key = await make(client, alice, '/keys', { name: 'robot', scopes: ['strategies:read'] });
    const writing = load(client, [writer, bob]);
    await until('they write', () => writing.count >= 10);
    const made = await beside(stack, 'backup');
    const meanwhile = writing.count;
    await until('they still write', () => writing.count >= meanwhile + 10);
    writing.on = false;
    await writing.over;
    assert.equal(made.code, 0, made.err);
    const path = made.out.trim();
    assert.deepEqual(readdirSync(path).sort(), ['kontor.db', 'manifest.json']);
    const good = stack.kontor('backup', 'verify', path);
    assert.equal(good.code, 0, good.err);
    assert.match(good.out, /^good: /);

    /* after the copy: a logout that must hold, a strategy that will be gone */
    const gone = await make(client, alice, '/strategies', { definition });
    assert.equal((await client.send('POST', '/api/v1/auth/logout', { token: bob.access })).status, 200);
    const running = stack.kontor('restore', path);
    assert.equal(running.code, 1);
    assert.match(running.err, /running on this data folder/);

    await stack.stop();
    const database = join(stack.data, 'kontor.db');
    writeFileSync(database, Buffer.alloc(50_000, 'rubble'));
    ['-wal', '-shm'].forEach((end) => rmSync(database + end, { force: true }));
    const restored = stack.kontor('restore', path);
    assert.equal(restored.code, 0, restored.err);
    assert.match(restored.out, /3 sessions and 1 API keys were ended/);
    assert.match(restored.out, /the database that was here: /);
    await stack.start();

    for (const person of [alice, bob]) {
      const me = await client.send('GET', '/api/v1/auth/me', { token: person.access });
      assert.equal(me.status, 401, me.text);
      const refresh = await client.send('POST', '/api/v1/auth/refresh', { body: { refresh_token: person.refresh } });
      assert.equal(refresh.status, 401, refresh.text);
    }
    const robot = await client.send('GET', '/api/v1/strategies', { headers: { 'X-API-Key': key.secret } });
    assert.equal(robot.status, 401);
    await people.login(alice);
    await people.login(bob);
    const mine = await client.send('GET', `/api/v1/strategies/${strategy.id}`, { token: alice.access });
    assert.equal(mine.status, 200, mine.text);
    assert.equal((await client.send('GET', `/api/v1/strategies/${gone.id}`, { token: alice.access })).status, 404);
    assert.equal((await client.send('GET', `/api/v1/strategies/${strategy.id}`, { token: bob.access })).status, 404);

    const sound = stack.kontor('audit', 'verify', '--anchor', join(stack.data, 'audit/head.log'));
    assert.equal(sound.code, 0, sound.out + sound.err);
    await stack.stop();
    const check = spawnSync('sqlite3', [database, 'PRAGMA integrity_check; PRAGMA foreign_key_check;'], { encoding: 'utf8' });
    assert.equal(check.stdout.trim(), 'ok');
    return `${writing.count} writes meanwhile`;
  })],
];
