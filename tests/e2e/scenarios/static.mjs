/* The dashboard's files as the web server hands them out. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { join } from 'node:path';

export const tests = [
  ['the page is there and asked for anew each time', async ({ client }) => {
    const page = await client.send('GET', '/');
    assert.equal(page.status, 200);
    assert.match(page.headers['content-type'], /^text\/html; charset=utf-8$/i);
    assert.equal(page.headers['cache-control'], 'no-cache');
    assert.equal((await client.send('GET', '/index.html')).text, page.text);
  }],
  ['every file that the page names is there, hashed and kept for ever', async ({ client }) => {
    const page = await client.send('GET', '/');
    const names = [...page.text.matchAll(/(?:src|href)="(assets\/[^"]+)"/g)].map((match) => match[1]);
    assert.ok(names.length >= 2, page.text);
    for (const name of names) {
      const answer = await client.send('GET', `/${name}`);
      assert.equal(answer.status, 200, name);
      assert.match(answer.headers['cache-control'], /max-age=31536000, immutable/);
      assert.match(answer.headers['content-type'], /^text\/(javascript|css); charset=utf-8$/i);
    }
  }],
  ['a missing asset is not kept for ever', async ({ client }) => {
    const answer = await client.send('GET', '/assets/app-ZZZZZZZZ.js');
    assert.equal(answer.status, 404);
    assert.doesNotMatch(answer.headers['cache-control'] ?? '', /immutable/);
  }],
  ['files come compressed to who asks for it', async ({ client, options }) => {
    for (const name of readdirSync(join(options.web, 'assets')).filter((file) => /\.(js|css)$/.test(file))) {
      const plain = await client.send('GET', `/assets/${name}`);
      const packed = await client.send('GET', `/assets/${name}`, { headers: { 'Accept-Encoding': 'gzip' } });
      if (plain.body.length < 1024) continue;
      assert.equal(packed.headers['content-encoding'], 'gzip', name);
      assert.match(packed.headers.vary ?? '', /Accept-Encoding/i);
      assert.ok(gunzipSync(packed.body).equals(plain.body), name);
    }
  }],
  ['API documents come compressed, secrets do not', async ({ client, people }) => {
    const headers = { 'Accept-Encoding': 'gzip' };
    const open = await client.send('GET', '/api/openapi.json', { headers });
    assert.equal(open.headers['content-encoding'], 'gzip');
    JSON.parse(gunzipSync(open.body));
    const { access } = await people.make('quiet');
    const me = await client.send('GET', '/api/v1/auth/me', { headers, token: access });
    assert.equal(me.headers['content-encoding'], undefined);
  }],
  ['what is no file of the dashboard is not served', async ({ client }) => {
    for (const path of ['/nothing', '/.git/config', '/.htaccess', '/assets/', '/../keys/token.keys', '/kontor-problem',
      '/kontor-refused', '/var/kontor.db']) {
      const answer = await client.send('GET', path);
      assert.ok([400, 403, 404].includes(answer.status), `${path}: ${answer.status}`);
      assert.match(answer.headers['content-type'], /^application\/problem\+json/);
    }
  }],
  ['a page takes no writes', async ({ client }) => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      const answer = await client.send(method, '/', { body: {} });
      assert.ok([404, 405].includes(answer.status), `${method}: ${answer.status}`);
    }
  }],
];
