/* Each security header exactly once, whoever answers; request ids; no word
   about which version of what runs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { withStack } from '../lib/own.mjs';
import { until } from '../lib/wait.mjs';

const COMMON = {
  'strict-transport-security': /^max-age=31536000; includeSubDomains$/,
  'x-content-type-options': /^nosniff$/,
  'x-frame-options': /^DENY$/,
  'referrer-policy': /^no-referrer$/,
  'permissions-policy': /camera=\(\)/,
  'cross-origin-opener-policy': /^same-origin$/,
  'cross-origin-resource-policy': /^same-origin$/,
};
export const PAGE = /^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'$/;
const DATA = /^default-src 'none'; frame-ancestors 'none'$/;

/* title, method, path, options, status, policy */
const ANSWERS = [
  ['the page', 'GET', '/', {}, [200], PAGE],
  ['a file', 'GET', '/favicon.svg', {}, [200], PAGE],
  ['a missing page', 'GET', '/nothing', {}, [404], DATA],
  ['HEAD of the page', 'HEAD', '/', {}, [200], PAGE],
  ['health', 'GET', '/health', {}, [200], DATA],
  ['HEAD of the API', 'HEAD', '/api/v1/health', {}, [200], DATA],
  ['metrics', 'GET', '/metrics', {}, [200, 401, 403], DATA],
  ['OPTIONS', 'OPTIONS', '/api/v1/auth/login', {}, [200, 204, 405], DATA],
  ['a preflight of a stranger', 'OPTIONS', '/api/v1/strategies', {
    headers: { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization' },
  }, [200, 204, 403, 405], DATA],
  ['a write to the page', 'POST', '/', { body: {} }, [404, 405], DATA],
  ['an API answer', 'GET', '/api/v1/health', {}, [200], DATA],
  ['a 401', 'GET', '/api/v1/auth/me', {}, [401], DATA],
  ['a 404 of the API', 'GET', '/api/v1/nothing', {}, [404], DATA],
  ['a 405', 'DELETE', '/api/v1/auth/login', {}, [405], DATA],
  ['a 400 of the API', 'POST', '/api/v1/auth/login', { body: '{' }, [400], DATA],
  ['a 415', 'POST', '/api/v1/auth/login', { body: 'x', headers: { 'Content-Type': 'text/plain' } }, [415], DATA],
  ['a 413', 'POST', '/api/v1/auth/login', { body: ' '.repeat(2_000_000) }, [413], DATA],
  ['the web server\'s 400', 'GET', '/api/v1/%00', {}, [400], DATA],
  ['a header too long', 'GET', '/api/v1/health', { headers: { 'X-Long': 'a'.repeat(30_000) } }, [400, 431], DATA],
];

export function inspect(answer, policy) {
  for (const [name, value] of Object.entries({ ...COMMON, 'content-security-policy': policy })) {
    assert.equal(answer.count(name), 1, `${name} ${answer.count(name)} times`);
    assert.match(answer.headers[name], value, name);
  }
  for (const name of ['x-powered-by', 'x-aspnet-version', 'via']) assert.equal(answer.headers[name], undefined);
  assert.doesNotMatch(answer.headers.server ?? '', /\d/);
  /* Nothing else comes twice either, but for what is a list by nature. */
  for (const name of Object.keys(answer.headers))
    if (!['set-cookie', 'vary'].includes(name)) assert.equal(answer.count(name), 1, `${name} ${answer.count(name)} times`);
}

const DEFINITION = JSON.parse(readFileSync(new URL('../data/sma.json', import.meta.url), 'utf8'));
/* Enough to be compressed. */
const LARGE = {
  ...DEFINITION,
  indicators: { ...DEFINITION.indicators, ...Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`extra${i}`, { fn: 'sma', period: i + 2 }])) },
};
const ORIGIN = 'https://app.example:8443';

export const tests = [
  ...ANSWERS.map(([title, method, path, more, statuses, policy]) => [
    `each security header once: ${title}`,
    async ({ client }) => {
      const answer = await client.send(method, path, more);
      assert.ok(statuses.includes(answer.status), `${answer.status} ${answer.text.slice(0, 300)}`);
      inspect(answer, policy);
      if (answer.status >= 400 && method !== 'HEAD') {
        assert.match(answer.headers['content-type'], /^application\/problem\+json/);
        assert.equal(answer.json.status, answer.status);
        assert.match(answer.json.code, /^[a-z_]+$/);
        assert.match(answer.json.type, /^\/api\/docs\/problems\/[a-z_]+$/);
        assert.doesNotMatch(answer.text, /nginx|lighttpd|sqlite|\/home|\/usr/i);
      }
    },
  ]),
  ['each security header once: answers without TLS', async ({ client }) => {
    inspect(await client.send('GET', '/api/v1/health', { plain: true }), DATA);
    const moved = await client.send('GET', '/', { plain: true });
    assert.equal(moved.count('strict-transport-security'), 1);
  }],
  ['every answer of the API is marked as not to be kept, or how', async ({ client, people }) => {
    const { access } = await people.make('cacher');
    for (const path of ['/api/v1/auth/me', '/api/v1/strategies', '/api/v1/settings', '/health']) {
      const answer = await client.send('GET', path, { token: access });
      assert.match(answer.headers['cache-control'] ?? '', /no-store|no-cache|max-age/, path);
    }
    const me = await client.send('GET', '/api/v1/auth/me', { token: access });
    assert.match(me.headers['cache-control'], /no-store/);
  }],
  ['a valid request id is kept, another one is replaced', async ({ client }) => {
    const ask = (id) => client.send('GET', '/api/v1/health', { headers: { 'X-Request-Id': id } });
    assert.equal((await ask('test-1234.abc_D')).headers['x-request-id'], 'test-1234.abc_D');
    for (const bad of ['short', 'a'.repeat(65), 'with space here', 'quote"inside1', 'percent%41here']) {
      const answer = await ask(bad);
      assert.match(answer.headers['x-request-id'], /^[A-Za-z0-9._-]{8,64}$/);
      assert.notEqual(answer.headers['x-request-id'], bad);
      assert.equal(answer.count('x-request-id'), 1);
    }
  }],
  ['the trace of a valid traceparent is in the access log, another one is not', async ({ client, stack, options }) => {
    if (options.server !== 'nginx') return 'nginx only';
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const logged = async (traceparent) => {
      const answer = await client.send('GET', '/api/v1/health', { headers: { traceparent } });
      const id = answer.headers['x-request-id'];
      return until('the access log has it', () =>
        readFileSync(join(stack.data, 'log/access.log'), 'utf8').split('\n').filter((line) => line.includes(id)).map((line) => JSON.parse(line)).at(-1));
    };
    assert.equal((await logged(`00-${trace}-00f067aa0ba902b7-01`)).trace, trace);
    for (const bad of [`00-${trace}-00f067aa0ba902b7`, `00-${trace.toUpperCase()}-00f067aa0ba902b7-01`, `${trace}","x":"y`, 'x'])
      assert.equal((await logged(bad)).trace, '', bad);
  }],
  ['a problem names the request id of its header', async ({ client }) => {
    const answer = await client.send('GET', '/api/v1/nothing', { headers: { 'X-Request-Id': 'find-me-42' } });
    assert.equal(answer.json.request_id, 'find-me-42');
    assert.equal(answer.headers['x-request-id'], 'find-me-42');
  }],
  ['each security header once: a file that the browser has already', async ({ client }) => {
    for (const path of ['/', '/favicon.svg', /src="(assets\/[^"]+)"/.exec((await client.send('GET', '/')).text)[1].replace(/^/, '/')]) {
      const first = await client.send('GET', path);
      const again = await client.send('GET', path, { headers: { 'If-None-Match': first.headers.etag } });
      assert.equal(again.status, 304, path);
      inspect(again, PAGE);
      assert.equal(again.headers['cache-control'], first.headers['cache-control'], path);
    }
  }],
  ['an answer that has not changed is a 304, compressed or not, and may be changed by what it said', async ({ client, people }) => {
    const { access: token } = await people.make('tagger');
    const plain = await client.send('POST', '/api/v1/strategies', { token, body: { definition: LARGE } });
    assert.equal(plain.status, 201, plain.text);
    const path = `/api/v1/strategies/${plain.json.id}`;
    for (const headers of [{}, { 'Accept-Encoding': 'gzip' }]) {
      const first = await client.send('GET', path, { token, headers });
      assert.equal(first.status, 200);
      inspect(first, DATA);
      const { etag } = first.headers;
      assert.ok(etag, 'no ETag');
      const again = await client.send('GET', path, { token, headers: { ...headers, 'If-None-Match': etag } });
      assert.equal(again.status, 304, `${etag}: ${again.status}`);
      assert.equal(again.body.length, 0);
      inspect(again, DATA);
      /* The web server may have marked the tag when it compressed. */
      const definition = { ...LARGE, name: `named ${Object.keys(headers).length}` };
      const change = await client.send('PUT', path, { token, headers: { 'If-Match': etag }, body: { definition } });
      assert.equal(change.status, 200, `${etag}: ${change.text}`);
      const late = await client.send('PUT', path, { token, headers: { 'If-Match': etag }, body: { definition } });
      assert.equal(late.status, 412, late.text);
      inspect(late, DATA);
    }
  }],
  ['a large answer comes compressed, and the same', async ({ client }) => {
    const plain = await client.send('GET', '/api/openapi.json');
    const packed = await client.send('GET', '/api/openapi.json', { headers: { 'Accept-Encoding': 'gzip' } });
    assert.equal(packed.headers['content-encoding'], 'gzip');
    assert.match(packed.headers.vary, /accept-encoding/i);
    assert.deepEqual(gunzipSync(packed.body), plain.body);
    inspect(packed, DATA);
  }],
  ['CORS: only the origins in the list, never credentials, and each header once', (context) =>
    withStack(context, { settings: { CORS_ORIGINS: `${ORIGIN},https://other.example` } }, async ({ client }) => {
      const preflight = (origin) => client.send('OPTIONS', '/api/v1/strategies', {
        headers: { Origin: origin, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization,content-type' },
      });
      const good = await preflight(ORIGIN);
      assert.ok([200, 204].includes(good.status), good.text);
      inspect(good, DATA);
      assert.equal(good.headers['access-control-allow-origin'], ORIGIN);
      assert.match(good.headers['access-control-allow-methods'], /POST/);
      assert.match(good.headers['access-control-allow-headers'], /authorization/i);
      assert.match(good.headers.vary, /origin/i);
      const read = await client.send('GET', '/api/v1/health', { headers: { Origin: ORIGIN } });
      assert.equal(read.headers['access-control-allow-origin'], ORIGIN);
      assert.match(read.headers['access-control-expose-headers'], /X-Request-Id/i);
      inspect(read, DATA);
      const refused = await client.send('GET', '/api/v1/auth/me', { headers: { Origin: ORIGIN } });
      assert.equal(refused.status, 401);
      assert.equal(refused.headers['access-control-allow-origin'], ORIGIN);
      inspect(refused, DATA);
      for (const origin of ['https://evil.example', 'null', ORIGIN.replace('https', 'http'), `${ORIGIN}.evil.example`, ORIGIN.toUpperCase(), 'https://app.example']) {
        for (const answer of [await preflight(origin), await client.send('GET', '/api/v1/health', { headers: { Origin: origin } })]) {
          assert.equal(answer.headers['access-control-allow-origin'], undefined, origin);
          inspect(answer, DATA);
        }
      }
      for (const answer of [good, read]) assert.equal(answer.headers['access-control-allow-credentials'], undefined);
    })],
];
