/* The pages about the API: public, whole without a script, under the policy of
   pages; and one for each "type" that an answer can carry. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/stack.mjs';
import { inspect, PAGE } from './headers.mjs';

async function page(client, path) {
  const answer = await client.send('GET', path);
  assert.equal(answer.status, 200, `${path}: ${answer.text.slice(0, 200)}`);
  assert.match(answer.headers['content-type'], /^text\/html; charset=utf-8$/i);
  assert.equal(answer.headers['cache-control'], 'no-cache');
  inspect(answer, PAGE);
  return answer.text;
}

/* What the web servers write into their own problem documents. */
function ownCodes() {
  const conf = readFileSync(join(root, 'nginx/http.conf'), 'utf8');
  const map = /map \$status \$kontor_code \{([^}]+)\}/.exec(conf)[1];
  const nginx = [...map.matchAll(/ ([a-z_]+);/g)].map((match) => match[1]);
  const folder = join(root, 'lighttpd/problems');
  const lighttpd = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).code);
  assert.ok(nginx.length > 5 && lighttpd.length > 5);
  return [...nginx, ...lighttpd];
}

export const tests = [
  ['GET /api/docs shows every call to whoever asks', async ({ client }) => {
    const text = await page(client, '/api/docs');
    const { json: api } = await client.send('GET', '/api/openapi.json');
    for (const [path, methods] of Object.entries(api.paths))
      for (const [method, call] of Object.entries(methods)) {
        assert.ok(text.includes(`<span class="method">${method.toUpperCase()}</span> <code>/api/v1${path}</code>`), `${method} ${path}`);
        for (const one of call.parameters ?? []) assert.ok(text.includes(`<code>${one.name}</code>`), one.name);
      }
    for (const name of Object.keys(api.components.schemas)) assert.ok(text.includes(`id="data-${name}"`), name);
    for (const [, id] of text.matchAll(/href="#([^"]+)"/g)) assert.ok(text.includes(`id="${id}"`), `#${id} leads nowhere`);
    for (const path of ['/api/docs/', '/api/v1/docs', '/api/v1/docs/']) assert.equal(await page(client, path), text, path);
    assert.equal((await client.send('HEAD', '/api/docs')).status, 200);
    assert.equal((await client.send('GET', '/api/docs?x=1')).status, 200);
  }],
  ['every file that the page names is there', async ({ client }) => {
    const text = await page(client, '/api/docs');
    const names = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1]);
    assert.equal(names.length, 2);
    for (const name of names) assert.equal((await client.send('GET', name)).status, 200, name);
  }],
  ['the type of each problem leads to a page that says what to do', async ({ client }) => {
    const { json: api } = await client.send('GET', '/api/openapi.json');
    const problems = api['x-problems'];
    const known = new Set(problems.map((one) => one.code));
    for (const code of [...ownCodes(), ...Object.keys(api.components.responses)]) assert.ok(known.has(code), code);
    const index = await page(client, '/api/docs');
    for (const one of problems) {
      const text = await page(client, `/api/docs/problems/${one.code}`);
      const shown = text.replaceAll('&#39;', "'");
      for (const words of [one.title, one.detail, one.remedy, `status ${one.status}`]) assert.ok(shown.includes(words), `${one.code}: ${words}`);
      assert.ok(index.includes(`href="/api/docs/problems/${one.code}"`), one.code);
    }
    const refused = await client.send('GET', '/api/v1/auth/me');
    await page(client, refused.json.type);
    return `${problems.length} problems`;
  }],
  ['what is no page of them is a 404, and they take no writes', async ({ client }) => {
    for (const path of ['/api/docs/problems/nothing', '/api/docs/problems', '/api/docs/index.html', '/api/docs/problems/NOT', '/api/docs/problems/..%2findex']) {
      const answer = await client.send('GET', path);
      assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
      assert.match(answer.headers['content-type'], /^application\/problem\+json/);
    }
    const written = await client.send('POST', '/api/docs', { body: {} });
    assert.ok([404, 405].includes(written.status), String(written.status));
    assert.match(written.headers['content-type'], /^application\/problem\+json/);
  }],
];
