/* Each security header exactly once, whoever answers; request ids; no word
   about which version of what runs. */
import assert from 'node:assert/strict';

const COMMON = {
  'strict-transport-security': /^max-age=31536000; includeSubDomains$/,
  'x-content-type-options': /^nosniff$/,
  'x-frame-options': /^DENY$/,
  'referrer-policy': /^no-referrer$/,
  'permissions-policy': /camera=\(\)/,
};
const PAGE = /^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'$/;
const DATA = /^default-src 'none'; frame-ancestors 'none'$/;

/* title, method, path, options, status, policy */
const ANSWERS = [
  ['the page', 'GET', '/', {}, [200], PAGE],
  ['a file', 'GET', '/favicon.svg', {}, [200], PAGE],
  ['a missing page', 'GET', '/nothing', {}, [404], DATA],
  ['health', 'GET', '/health', {}, [200], DATA],
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

function inspect(answer, policy) {
  for (const [name, value] of Object.entries({ ...COMMON, 'content-security-policy': policy })) {
    assert.equal(answer.count(name), 1, `${name} ${answer.count(name)} times`);
    assert.match(answer.headers[name], value, name);
  }
  for (const name of ['x-powered-by', 'x-aspnet-version', 'via']) assert.equal(answer.headers[name], undefined);
  assert.doesNotMatch(answer.headers.server ?? '', /\d/);
}

export const tests = [
  ...ANSWERS.map(([title, method, path, more, statuses, policy]) => [
    `each security header once: ${title}`,
    async ({ client }) => {
      const answer = await client.send(method, path, more);
      assert.ok(statuses.includes(answer.status), `${answer.status} ${answer.text.slice(0, 300)}`);
      inspect(answer, policy);
      if (answer.status >= 400) {
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
  ['a problem names the request id of its header', async ({ client }) => {
    const answer = await client.send('GET', '/api/v1/nothing', { headers: { 'X-Request-Id': 'find-me-42' } });
    assert.equal(answer.json.request_id, 'find-me-42');
    assert.equal(answer.headers['x-request-id'], 'find-me-42');
  }],
];
