/* Tokens, bodies and paths as an attacker would send them. After each group
   the workers are the same processes as before: nothing crashed. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { statusOf } from '../lib/client.mjs';

const b64 = (value) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/* The server's own key, so that everything but the tested part is right. */
function signer(stack) {
  const line = readFileSync(join(stack.data, 'keys/token.keys'), 'utf8').split('\n').find((text) => / ACTIVE /.test(text));
  const [kid, hex] = line.split(/\s+/);
  const key = Buffer.from(hex, 'hex');
  const sign = (header, payload, hash = 'sha256') => {
    const head = `${b64(header)}.${b64(payload)}`;
    return `${head}.${createHmac(hash, key).update(head).digest('base64url')}`;
  };
  return { kid, sign };
}

async function hostileTokens(stack, person) {
  const { kid, sign } = signer(stack);
  const [head, body, mac] = person.access.split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url'));
  const good = { alg: 'HS256', typ: 'JWT', kid };
  const now = Math.floor(Date.now() / 1000);
  const header = (more) => sign({ ...good, ...more }, claims);
  const payload = (more) => sign(good, { ...claims, ...more });
  const raw = (text) => sign(text, claims);
  const flipped = mac.slice(0, -2) + (mac.at(-2) === 'A' ? 'B' : 'A') + mac.at(-1);
  const unsigned = ['none', 'None', 'NONE', 'nOnE', 'noNE'].flatMap((alg) => [
    [`alg ${alg}, no signature`, `${b64({ ...good, alg })}.${body}.`],
    [`alg ${alg}, old signature`, `${b64({ ...good, alg })}.${body}.${mac}`],
    [`alg ${alg}, signed`, header({ alg })],
  ]);
  const table = [
    ...unsigned,
    ['alg hs256', header({ alg: 'hs256' })],
    ['alg HS384', sign({ ...good, alg: 'HS384' }, claims, 'sha384')],
    ['alg HS512', sign({ ...good, alg: 'HS512' }, claims, 'sha512')],
    ['alg RS256', header({ alg: 'RS256' })],
    ['alg empty', header({ alg: '' })],
    ['alg null', header({ alg: null })],
    ['alg list', header({ alg: ['HS256'] })],
    ['alg number', header({ alg: 256 })],
    ['alg missing', sign({ typ: 'JWT', kid }, claims)],
    ['alg twice', raw(`{"alg":"none","alg":"HS256","typ":"JWT","kid":"${kid}"}`)],
    ['alg twice, other order', raw(`{"alg":"HS256","alg":"none","typ":"JWT","kid":"${kid}"}`)],
    ['typ other', header({ typ: 'at+jwt' })],
    ['kid unknown', header({ kid: 'nobody' })],
    ['kid missing', sign({ alg: 'HS256', typ: 'JWT' }, claims)],
    ['kid path', header({ kid: '../../../../dev/null' })],
    ['kid SQL', header({ kid: "x' OR '1'='1" })],
    ['crit unknown', header({ crit: ['exp', 'b64'] })],
    ['crit empty', header({ crit: [] })],
    ['jku', header({ jku: 'https://127.0.0.1:1/keys' })],
    ['jwk', header({ jwk: { kty: 'oct', k: 'AAAA' } })],
    ['x5u', header({ x5u: 'https://127.0.0.1:1/cert' })],
    ['header no object', raw('["HS256"]')],
    ['header no JSON', raw('HS256')],
    ['header with rest', raw(`${JSON.stringify(good)} x`)],
    ['header with NUL', raw(`${JSON.stringify(good)}\0`)],
    ['payload list', sign(good, '[1]')],
    ['payload number', sign(good, '1')],
    ['payload no JSON', sign(good, 'sub=1')],
    ['payload with duplicate', sign(good, JSON.stringify(claims).replace('{', '{"sub":"other",'))],
    ['expired', payload({ iat: now - 4000, exp: now - 1 })],
    ['exp text', payload({ exp: String(now + 600) })],
    ['exp fraction', payload({ exp: now + 600.5 })],
    ['exp huge', sign(good, JSON.stringify(claims).replace(/"exp":\d+/, '"exp":99999999999999999999'))],
    ['exp exponent', sign(good, JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1e12'))],
    ['exp negative', payload({ exp: -1 })],
    ['exp missing', payload({ exp: undefined })],
    ['exp null', payload({ exp: null })],
    ['life too long', payload({ exp: claims.iat + 86_400 })],
    ['issued tomorrow', payload({ iat: now + 86_400, exp: now + 86_500 })],
    ['not yet', payload({ nbf: now + 3600 })],
    ['iat missing', payload({ iat: undefined })],
    ['iss other', payload({ iss: 'evil' })],
    ['iss missing', payload({ iss: undefined })],
    ['aud other', payload({ aud: 'evil' })],
    ['aud list', payload({ aud: [claims.aud] })],
    ['kind refresh', payload({ kind: 'refresh' })],
    ['kind missing', payload({ kind: undefined })],
    ['sub other', payload({ sub: claims.sid })],
    ['sub missing', payload({ sub: undefined })],
    ['sub list', payload({ sub: [claims.sub] })],
    ['sid other', payload({ sid: claims.sub })],
    ['sid missing', payload({ sid: undefined })],
    ['jti missing', payload({ jti: undefined })],
    ['role invented', payload({ role: 'superuser' })],
    ['signature changed', `${head}.${body}.${flipped}`],
    ['signature of others', `${head}.${body}.${b64('x'.repeat(32))}`],
    ['signature short', `${head}.${body}.${mac.slice(0, 20)}`],
    ['signature padded', `${person.access}=`],
    ['signature with rest', `${person.access}AAAA`],
    ['no signature', `${head}.${body}.`],
    ['two parts', `${head}.${body}`],
    ['four parts', `${person.access}.${mac}`],
    ['five parts', `${head}.${body}.${mac}.${mac}.${mac}`],
    ['empty payload', `${head}..${mac}`],
    ['empty header', `.${body}.${mac}`],
    ['dots', '..'],
    ['one dot', '.'],
    ['many dots', '.'.repeat(3000)],
    ['refresh token', person.refresh],
    ['junk', 'junk'],
    ['standard base64', `${Buffer.from(JSON.stringify(good)).toString('base64')}+/.${body}.${mac}`],
    ['percent signs', '%2e%2e%2f'],
    ['SQL', "' OR 1=1 --"],
    ['5 kB', 'A'.repeat(5000)],
    ['5 kB with dots', `${'A'.repeat(1700)}.${'A'.repeat(1700)}.${'A'.repeat(1700)}`],
  ];
  return table;
}

const BODIES = [
  '', ' ', '{', '}', '[', '{}x', '{} {}', '{}{}', 'null', 'true', '1', '"text"', '[]', '[{}]', 'nul', 'NaN', '{"definition":NaN}',
  '{"definition":Infinity}', '{"definition":-Infinity}', "{'definition':1}", '{definition:1}', '{"definition":01}', '{"definition":-01}',
  '{"definition":1.}', '{"definition":.5}', '{"definition":+1}', '{"definition":2.e3}', '{"definition":0x10}', '{"definition":1e}',
  '{"definition":{},}', '{,"definition":{}}', '{"definition":{}"a":1}', '{"definition":{} // c\n}', '/* c */{"definition":{}}',
  '{"definition":"a\tb"}', '{"definition":"a\nb"}', '{"definition":"a\u0001b"}', '{"definition":"\\x41"}', '{"definition":"\\u12"}',
  '{"definition":"\\ud800"}', '{"definition":"\\udc00\\ud800"}', '{"defi\\u0000nition":{}}', '{"definition":"unterminated}',
  '{"definition":{},"definition":{}}', '{"definition":{"a":1,"a":2}}', '{"definition":{},"extra":1}', '{"definition":1}',
  '{"definition":[]}', '{"definition":null}', '{"definition":""}', '{"__proto__":{}}', '{"definition":{"__proto__":1}}', '\ufeff{"definition":{}}',
  `${'['.repeat(40)}${']'.repeat(40)}`, `{"definition":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`, '['.repeat(500_000),
  `{"definition":${'['.repeat(100_000)}`, `{"definition":"${'a'.repeat(900_000)}"}`, `{"definition":${'1'.repeat(100_000)}}`,
  `{"definition":{"indicators":{${Array.from({ length: 20_000 }, (_, i) => `"k${i}":1`).join(',')}}}}`,
];
const BYTES = [
  [0x00], [0xff, 0xfe], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xc3], [0x80],
].map((bytes) => Buffer.concat([Buffer.from('{"definition":"'), Buffer.from(bytes), Buffer.from('"}')]));

const PATHS = [
  '/api/v1/strategies%2ftemplates', '/api/v1%2fstrategies', '/api%2fv1/strategies', '/api/v1/strategies/..', '/api/v1/strategies/../keys',
  '/api/v1/%2e%2e/keys', '/api/v1/.%2e/keys', '/api/v1/./strategies', '/api/v1//strategies', '//api/v1/strategies', '/api/v1/strategies/',
  '/api/v1/strategies//', '/api/v1/strategies/%00', '/api/v1/strategies/a%00b', '/api/v1/strategies/%0d%0aSet-Cookie:%20a=b',
  '/api/v1/strategies/%0a', '/api/v1/strategies/%1b[31m', '/api/v1/strategies/%7f', '/api/v1/strategies/%5c..%5c', '/api/v1/strategies\\..\\keys',
  '/api/v1/strategies/%', '/api/v1/strategies/%4', '/api/v1/strategies/%zz', '/api/v1/strategies/%c0%af', '/api/v1/strategies/%ff',
  '/api/v1/strategies/%ed%a0%80', '/api/v1/strategies/%252e%252e', `/api/v1/strategies/${'a'.repeat(3000)}`,
  `/api/v1${'/a'.repeat(100)}`, '/api/v2/strategies', '/api/v1/v1/strategies', '/API/v1/strategies', '/api/v1/Strategies',
  '/api/v1/strategies;jsessionid=1', '/api/v1/strategies?limit=1&limit=2', '/api/v1/strategies?limit=-1', '/api/v1/strategies?limit=1e3',
  '/api/v1/strategies?limit=99999999999999999999', '/api/v1/strategies?limit=501', '/api/v1/strategies?limit=', '/api/v1/strategies?limit',
  '/api/v1/strategies?unknown=1', '/api/v1/strategies?cursor=junk', '/api/v1/strategies?cursor=%00', '/api/v1/strategies?%00=1',
  "/api/v1/strategies?cursor=' OR 1=1", '/api/v1/strategies?a[]=1', '/api/v1/strategies?=1', `/api/v1/strategies?${'a=1&'.repeat(100)}`,
  `/api/v1/strategies?cursor=${'A'.repeat(6000)}`, '/api/v1/market/candles?symbol=../../x&interval=1d', '/api/v1/market/candles?symbol=A&interval=7m',
  '/api/v1/market/candles?symbol=%27%3b--&interval=1d', '/api/v1/market/candles',
];

async function sameWorkers(stack, work) {
  const pools = () => [stack.pool('api'), stack.pool('auth')];
  const before = pools();
  await work();
  assert.deepEqual(pools(), before, 'a worker ended');
}

export const tests = [
  ['no forged, broken or foreign token is let in', async ({ stack, people, client }) => {
    const person = await people.make('forger');
    await sameWorkers(stack, async () => {
      for (const [title, token] of await hostileTokens(stack, person)) {
        const answer = await client.send('GET', '/api/v1/auth/me', { token: token.replace(/[^\x21-\x7e]/g, '?') });
        assert.ok([400, 401].includes(answer.status), `${title}: ${answer.status} ${answer.text}`);
        if (answer.status === 401) assert.match(answer.headers['www-authenticate'] ?? '', /^Bearer/, title);
        /* The same in the browser's cookie. */
        const cookie = await client.send('GET', '/api/v1/auth/me', { headers: { Cookie: `__Host-kontor=${token.replace(/[^\x21-\x7e]/g, '?')}` } });
        assert.ok([400, 401].includes(cookie.status), `${title}, as a cookie: ${cookie.status} ${cookie.text}`);
      }
      const good = await client.send('GET', '/api/v1/auth/me', { token: person.access });
      assert.equal(good.status, 200);
    });
  }],
  ['no hostile cookie header does more than earn a 400 or 401', async ({ stack, people, client }) => {
    const { access } = await people.make('crumbs');
    const mine = `__Host-kontor=${access}`;
    await sameWorkers(stack, async () => {
      for (const cookie of ['', ';', '=', ';;;;', '__Host-kontor', '__Host-kontor=', `${mine};${mine}`, `${mine}; __Host-kontor=x`, `__Host-kontor=x; ${mine}`,
        `__Host-kontor="${access}"`, `__Host-kontor =${access}`, `__Host-kontor= ${access}`, `__Host-kontor=${access},x`, `__Host-kontor=${access} x`,
        `__host-kontor=${access}`, `__Host-kontor-refresh=${access}`, `__Host-kontor-csrf=${access}`, `a=${'b'.repeat(6000)}`,
        Array.from({ length: 500 }, (_, i) => `c${i}=1`).join('; '), `\t__Host-kontor=${access}\u00e9`, `__Host-kontor=${access}\u00ff`]) {
        const raw = await client.raw(`GET /api/v1/auth/me HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`);
        assert.ok([400, 401].includes(statusOf(raw)), `${cookie.slice(0, 60)}: ${raw.slice(0, 40)}`);
      }
      const many = Array.from({ length: 40 }, (_, i) => `other${i}=value`).join('; ');
      const good = await client.send('GET', '/api/v1/auth/me', { headers: { Cookie: `${many}; ${mine}; last=1` } });
      assert.equal(good.status, 200, good.text);
    });
  }],
  ['the control: a token signed in the test is let in', async ({ stack, people, client }) => {
    const person = await people.make('control');
    const claims = JSON.parse(Buffer.from(person.access.split('.')[1], 'base64url'));
    const { kid, sign } = signer(stack);
    const token = sign({ alg: 'HS256', typ: 'JWT', kid }, claims);
    assert.equal((await client.send('GET', '/api/v1/auth/me', { token })).status, 200);
  }],
  ['an authorization header of any form but one is no credential', async ({ people, client }) => {
    const { access } = await people.make('schemes');
    for (const value of [access, `Token ${access}`, `Basic ${b64('a:b')}`, 'Bearer', 'Bearer ', `Bearer ${access} ${access}`, `Bearer\t${access}`,
      `Bearer ${access},`, `Bearer token=${access}`]) {
      const answer = await client.send('GET', '/api/v1/auth/me', { headers: { Authorization: value } });
      assert.ok([400, 401].includes(answer.status), `${value.slice(0, 20)}: ${answer.status}`);
    }
  }],
  ['a token of 9 MB and headers without end are refused', async ({ stack, client }) => {
    await sameWorkers(stack, async () => {
      for (const size of [9_000_000, 300_000, 20_000]) {
        let status = 0;
        try {
          const raw = await client.raw(`GET /api/v1/auth/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${'A'.repeat(size)}\r\n\r\n`);
          status = statusOf(raw);
        } catch (error) {
          assert.match(error.code ?? '', /ECONNRESET|EPIPE/);
          continue;
        }
        assert.ok(status >= 400 && status < 500, `${size}: ${status}`);
      }
      assert.equal((await client.send('GET', '/api/v1/health')).status, 200);
    });
  }],
  ['no hostile body does more than earn a 400', async ({ stack, people, client }) => {
    const { access } = await people.make('bodies');
    await sameWorkers(stack, async () => {
      for (const body of [...BODIES, ...BYTES]) {
        const answer = await client.send('POST', '/api/v1/strategies', { token: access, body });
        const shown = body.toString('latin1').slice(0, 60);
        assert.equal(answer.status, 400, `${shown}: ${answer.status} ${answer.text.slice(0, 200)}`);
        assert.match(answer.headers['content-type'], /problem\+json/);
      }
    });
  }],
  ['no hostile login body does more than earn a 400 or 401', async ({ stack, client }) => {
    const long = 'a'.repeat(7_000); // too long for the fields, not for a stranger's body
    await sameWorkers(stack, async () => {
      for (const body of [{}, [], { username: 1, password: 2 }, { username: null, password: null }, { username: ['a'], password: {} },
        { username: 'a', password: '' }, { username: '', password: 'a' }, { username: long, password: 'x' }, { username: 'x', password: long },
        { username: "' OR 1=1 --", password: 'x' }, { username: 'a\u0000b', password: 'x' }, { username: 'a\r\nb', password: 'x' },
        { username: 'x', password: 'y', role: 'admin' }, { username: '\u202eadmin', password: 'x' }]) {
        const answer = await client.send('POST', '/api/v1/auth/login', { body });
        assert.ok([400, 401].includes(answer.status), `${JSON.stringify(body).slice(0, 60)}: ${answer.status}`);
      }
    });
  }],
  ['no one makes himself an admin while registering', async ({ client }) => {
    for (const more of [{ role: 'admin' }, { admin: true }, { id: 'x' }, { scopes: ['admin'] }]) {
      const body = { username: 'climber', password: 'a long enough pass phrase', ...more };
      assert.equal((await client.send('POST', '/api/v1/auth/register', { body })).status, 400);
    }
  }],
  ['no hostile path finds anything or breaks anything', async ({ stack, people, client }) => {
    const { access } = await people.make('paths');
    await sameWorkers(stack, async () => {
      for (const path of PATHS) {
        const raw = await client.raw(
          `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${access}\r\nConnection: close\r\n\r\n`);
        const status = statusOf(raw);
        assert.ok([400, 404, 414].includes(status), `${path.slice(0, 80)}: ${raw.slice(0, 60)}`);
        assert.doesNotMatch(raw, /^Set-Cookie/im);
      }
    });
  }],
  ['broken HTTP is answered or dropped, nothing more', async ({ stack, client }) => {
    await sameWorkers(stack, async () => {
      for (const bytes of ['\r\n\r\n', 'GET\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', 'GET /api/v1/health HTTP/1.1\r\n\r\n', '\0\0\0\0\r\n\r\n',
        'GET /api/v1/health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 'GET /api/v1/health HTTP/1.1\r\nHost: a b\r\n\r\n',
        'GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
        'GET /api/v1/health HTTP/1.1\r\n Host: localhost\r\n\r\n', 'GET /api/v1/auth/me HTTP/1.1\r\nHost: localhost\r\nAuthorization : Bearer x\r\n\r\n']) {
        const raw = await client.raw(bytes).catch(() => '');
        assert.ok(raw === '' || statusOf(raw) >= 400 || !/^HTTP/.test(raw), `${JSON.stringify(bytes)}: ${raw.slice(0, 60)}`);
      }
    });
  }],
  ['a body sent slowly blocks no one', async ({ client }) => {
    const head = 'POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{';
    const slow = Array.from({ length: 12 }, () => client.raw(head).catch(() => ''));
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.send('GET', '/api/v1/health', { agent: false })));
    assert.ok(answers.every((answer) => answer.status === 200));
    for (const raw of await Promise.all(slow)) assert.ok(raw === '' || [400, 408].includes(statusOf(raw)), raw.slice(0, 60));
  }],
];
