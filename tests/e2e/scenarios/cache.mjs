/* Kept answers through every worker: never another user's, never older than
   a write that was answered, and validators that survive compression. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const data = fileURLToPath(new URL('../data/', import.meta.url));
const definition = () => JSON.parse(readFileSync(join(data, 'sma.json'), 'utf8'));
const list = (client, token, headers) => client.send('GET', '/api/v1/strategies?limit=500', { token, headers });

export const tests = [
  ['an answer given after a write shows it, in every worker', async ({ people, client }) => {
    const person = await people.make('writer');
    let hits = 0;
    for (let round = 1; round <= 12; round++) {
      await Promise.all(Array.from({ length: 8 }, () => list(client, person.access)));
      const made = await client.send('POST', '/api/v1/strategies', { token: person.access, body: { definition: definition() } });
      assert.equal(made.status, 201, made.text);
      const answers = await Promise.all(Array.from({ length: 16 }, () => list(client, person.access)));
      for (const answer of answers) {
        assert.equal(answer.json.data.length, round, `round ${round}, ${answer.headers['x-cache']}`);
        if (answer.headers['x-cache'] === 'HIT') hits++;
      }
    }
    assert.ok(hits > 12, `the cache is used: ${hits} hits`);
    return `${hits} hits`;
  }],
  ['writes and reads at once never leave an old answer behind', async ({ people, client }) => {
    const person = await people.make('racer');
    for (let round = 1; round <= 6; round++) {
      const reads = Array.from({ length: 24 }, () => list(client, person.access));
      const writes = Array.from({ length: 4 }, () =>
        client.send('POST', '/api/v1/strategies', { token: person.access, body: { definition: definition() } }));
      await Promise.all([...reads, ...writes]);
      assert.equal((await list(client, person.access)).json.data.length, 4 * round);
    }
  }],
  ['no route that keeps answers gives one to somebody else', async ({ stack, people, client }) => {
    const alice = await people.make('alice');
    const bob = await people.make('bob');
    const routes = JSON.parse(stack.kontor('routes', '--json').out);
    let kept = 0;
    for (const route of routes.filter(({ method, path, who }) => method === 'GET' && who === 'user' && !path.includes('{'))) {
      const path = `/api/v1${route.path}`;
      const first = await client.send('GET', path, { token: alice.access });
      if (!first.headers['x-cache']) continue;
      kept++;
      await client.send('GET', path, { token: alice.access });
      const other = await client.send('GET', path, { token: bob.access });
      assert.equal(other.headers['x-cache'], 'MISS', path);
      assert.ok(!other.text.includes(alice.id) && !other.text.includes(alice.name), path);
      const nobody = await client.send('GET', path);
      assert.equal(nobody.status, 401, path);
      assert.equal(nobody.headers['x-cache'], undefined, path);
    }
    assert.ok(kept >= 3, `${kept} routes keep answers`);
    return `${kept} routes`;
  }],
  ['an answer kept for a session is not given to it after logout', async ({ people, client }) => {
    const person = await people.make('leaver');
    await list(client, person.access);
    assert.equal((await list(client, person.access)).headers['x-cache'], 'HIT');
    assert.equal((await client.send('POST', '/api/v1/auth/logout', { token: person.access })).status, 200);
    assert.equal((await list(client, person.access)).status, 401);
  }],
  ['a compressed answer can be revalidated', async ({ people, client }) => {
    const person = await people.make('mobile');
    for (let i = 0; i < 4; i++)
      await client.send('POST', '/api/v1/strategies', { token: person.access, body: { definition: definition() } });
    const zipped = await list(client, person.access, { 'Accept-Encoding': 'gzip' });
    assert.equal(zipped.status, 200);
    assert.ok(zipped.headers.etag, 'an ETag');
    const again = await list(client, person.access, { 'Accept-Encoding': 'gzip', 'If-None-Match': zipped.headers.etag });
    assert.equal(again.status, 304);
    assert.equal(again.text, '');
    assert.ok(again.headers['x-ratelimit-limit'], 'counted all the same');
    return zipped.headers['content-encoding'] ?? 'not compressed';
  }],
];
