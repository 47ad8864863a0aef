/* The browser's session: cookies that a script cannot read, a CSRF token that
   only the own page can send, and nothing of it in any log. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import { join } from 'node:path';
import { filesBelow } from '../lib/stack.mjs';
import { until } from '../lib/wait.mjs';

const ACCESS = '__Host-kontor';
const REFRESH = '__Host-kontor-refresh';
const CSRF = '__Host-kontor-csrf';
const NAMES = [ACCESS, CSRF, REFRESH]; /* in order */
const LOGIN = '/api/v1/auth/login';

/* { name: { value, attributes } } of an answer's Set-Cookie headers. */
function cookiesOf(answer) {
  return Object.fromEntries((answer.headers['set-cookie'] ?? []).map((line) => {
    const [pair, ...attributes] = line.split(/; */);
    const at = pair.indexOf('=');
    return [pair.slice(0, at), { value: pair.slice(at + 1), attributes: attributes.map((text) => text.toLowerCase()) }];
  }));
}

/* What a browser does with cookies, and what our page does with them. */
class Browser {
  jar = {};

  constructor({ client, stack, people }) {
    Object.assign(this, { client, origin: stack.url, secrets: people.secrets });
  }

  get cookie() {
    return Object.entries(this.jar).map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async send(method, path, { body, headers = {}, agent } = {}) {
    const all = { Cookie: this.cookie };
    if (!['GET', 'HEAD'].includes(method))
      Object.assign(all, { Origin: this.origin, 'Sec-Fetch-Site': 'same-origin', 'X-CSRF-Token': this.jar[CSRF] });
    Object.assign(all, headers);
    for (const name of Object.keys(all)) if (!all[name]) delete all[name];
    const answer = await this.client.send(method, path, { body, headers: all, ...(agent === undefined ? {} : { agent }) });
    this.take(answer);
    return answer;
  }

  take(answer) {
    for (const [name, { value, attributes }] of Object.entries(cookiesOf(answer))) {
      if (value === '' || attributes.includes('max-age=0')) delete this.jar[name];
      else this.jar[name] = value;
      if (value) this.secrets.push(value);
    }
  }

  async signIn({ name, password }) {
    const answer = await this.send('POST', LOGIN, { body: { username: name, password, cookie: true } });
    assert.equal(answer.status, 200, answer.text);
    return answer;
  }
}

async function signedIn(context, nick) {
  const person = await context.people.make(nick);
  const browser = new Browser(context);
  await browser.signIn(person);
  return { person, browser };
}

const me = (browser, headers = {}) => browser.send('GET', '/api/v1/auth/me', { headers });
const validate = (browser, headers = {}) =>
  browser.send('POST', '/api/v1/strategies/validate', { body: { definition: {} }, headers });
/* The definition is nonsense: whoever gets past the gate is told so. */
const LET_IN = 400;

function isCsrf(answer, why) {
  assert.equal(answer.status, 403, `${why}: ${answer.status} ${answer.text}`);
  assert.equal(answer.json.code, 'csrf_failed', why);
}

export const tests = [
  ['signing in sets three cookies and puts no token into the answer', async (context) => {
    const person = await context.people.make('cookie');
    const browser = new Browser(context);
    const answer = await browser.signIn(person);
    const cookies = cookiesOf(answer);
    assert.deepEqual(Object.keys(cookies).sort(), NAMES);
    assert.equal(answer.count('set-cookie'), 3);
    for (const [name, { value, attributes }] of Object.entries(cookies)) {
      assert.match(value, /^[\w.~-]+$/, name);
      for (const attribute of ['path=/', 'secure', 'samesite=strict']) assert.ok(attributes.includes(attribute), `${name}: ${attribute}`);
      assert.equal(attributes.includes('httponly'), name !== CSRF, `${name}: HttpOnly`);
      assert.ok(!attributes.some((text) => text.startsWith('domain')), `${name}: Domain`);
    }
    const life = (name) => Number(cookies[name].attributes.find((text) => text.startsWith('max-age='))?.slice(8));
    assert.equal(life(ACCESS), answer.json.expires_in);
    assert.equal(life(REFRESH), answer.json.refresh_expires_in);
    assert.equal(life(CSRF), answer.json.refresh_expires_in);
    assert.equal(answer.json.token_type, 'cookie');
    assert.equal(answer.json.csrf_token, cookies[CSRF].value);
    assert.ok(!answer.json.access_token && !answer.json.refresh_token, answer.text);
    for (const name of [ACCESS, REFRESH]) assert.ok(!answer.text.includes(cookies[name].value), name);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.equal((await me(browser)).json.username, person.name);
  }],
  ['a write needs the CSRF token of this very session', async (context) => {
    const { person, browser } = await signedIn(context, 'writer');
    const { browser: mallory } = await signedIn(context, 'mallory');
    const second = new Browser(context);
    await second.signIn(person);
    assert.equal((await validate(browser)).status, LET_IN);
    isCsrf(await validate(browser, { 'X-CSRF-Token': undefined }), 'none');
    isCsrf(await validate(browser, { 'X-CSRF-Token': mallory.jar[CSRF] }), 'of another user');
    isCsrf(await validate(browser, { 'X-CSRF-Token': second.jar[CSRF] }), 'of another session of the same user');
    const token = browser.jar[CSRF];
    const turned = token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A');
    for (const bad of [turned, token.slice(1), `${token}A`, token.toUpperCase(), 'junk', '='.repeat(67)])
      isCsrf(await validate(browser, { 'X-CSRF-Token': bad }), bad.slice(0, 8));
    /* A cookie planted by a neighbour is as good as none. */
    isCsrf(await validate(browser, { 'X-CSRF-Token': 'A'.repeat(67), Cookie: browser.cookie.replace(token, 'A'.repeat(67)) }), 'planted');
    for (const [method, path] of [['PATCH', '/api/v1/settings'], ['PUT', '/api/v1/settings'], ['POST', '/api/v1/keys'],
      ['DELETE', '/api/v1/strategies/x'], ['POST', '/api/v1/auth/logout'], ['POST', '/api/v1/auth/logout-all']])
      isCsrf(await browser.send(method, path, { body: path.includes('logout') || method === 'DELETE' ? undefined : {}, headers: { 'X-CSRF-Token': undefined } }), path);
    assert.equal((await me(browser)).status, 200);
  }],
  ['a write from a foreign origin is refused, whatever it carries', async (context) => {
    const { browser } = await signedIn(context, 'origin');
    for (const origin of ['https://evil.example', 'null', 'https://localhost', 'http://localhost', `${context.stack.url}.evil.example`, 'https://localhost:1'])
      isCsrf(await validate(browser, { Origin: origin, 'Sec-Fetch-Site': undefined }), origin);
    for (const site of ['cross-site', 'same-site', 'none'])
      isCsrf(await validate(browser, { Origin: 'https://evil.example', 'Sec-Fetch-Site': site }), site);
    isCsrf(await validate(browser, { Origin: undefined, 'Sec-Fetch-Site': undefined }), 'neither');
    assert.equal((await validate(browser, { 'Sec-Fetch-Site': undefined })).status, LET_IN);
  }],
  ['a form on another site does nothing', async (context) => {
    const { person, browser } = await signedIn(context, 'form');
    const foreign = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site', 'X-CSRF-Token': undefined };
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
      const answer = await browser.send('POST', '/api/v1/strategies', { body: '{"definition":{}}', headers: { ...foreign, 'Content-Type': type } });
      assert.ok([403, 415].includes(answer.status), `${type}: ${answer.status}`);
    }
    /* Nor does it sign the victim in as somebody else. */
    const form = `username=${encodeURIComponent(person.name)}&password=${person.form}&cookie=true`;
    const login = await context.client.send('POST', LOGIN, {
      body: form, headers: { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site', 'Content-Type': 'application/x-www-form-urlencoded' },
    });
    assert.notEqual(login.status, 200, login.text);
    assert.equal(login.count('set-cookie'), 0);
    isCsrf(await browser.send('POST', '/api/v1/auth/logout', { headers: foreign }), 'logout');
    assert.equal((await me(browser)).status, 200);
  }],
  ['only our own page begins or renews a session of the browser', async (context) => {
    const { person, browser } = await signedIn(context, 'mine');
    const before = { ...browser.jar };
    const body = { username: person.name, password: person.password, cookie: true };
    for (const headers of [{ Origin: undefined, 'Sec-Fetch-Site': undefined }, { Origin: 'https://evil.example', 'Sec-Fetch-Site': undefined },
      { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' }, { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'same-site' }])
      for (const [path, sent] of [[LOGIN, body], ['/api/v1/auth/refresh', {}]]) {
        const answer = await browser.send('POST', path, { body: sent, headers });
        isCsrf(answer, `${path} ${JSON.stringify(headers)}`);
        assert.equal(answer.count('set-cookie'), 0);
      }
    assert.deepEqual(browser.jar, before);
    assert.equal((await me(browser)).status, 200);
    /* A neighbour's page cannot read with the cookie either. */
    isCsrf(await me(browser, { 'Sec-Fetch-Site': 'same-site' }), 'neighbour');
  }],
  ['the cookies of a dead session are taken away when it is renewed in vain', async (context) => {
    const { browser } = await signedIn(context, 'dead');
    const tab = Object.assign(new Browser(context), { jar: { ...browser.jar } });
    await browser.send('POST', '/api/v1/auth/logout');
    const answer = await tab.send('POST', '/api/v1/auth/refresh', { body: {} });
    assert.equal(answer.status, 401, answer.text);
    assert.deepEqual(Object.keys(cookiesOf(answer)).sort(), NAMES);
    assert.deepEqual(tab.jar, {});
  }],
  ['two kinds of credentials, or a cookie twice, are a 400', async (context) => {
    const { person, browser } = await signedIn(context, 'twice');
    assert.equal((await me(browser, { Authorization: `Bearer ${person.access}` })).status, 400);
    assert.equal((await me(browser, { 'X-API-Key': 'kontor_a.b' })).status, 400);
    const { browser: other } = await signedIn(context, 'other');
    const ask = async (...lines) => {
      const cookies = lines.map((line) => `Cookie: ${line}\r\n`).join('');
      const raw = await context.client.raw(`GET /api/v1/auth/me HTTP/1.1\r\nHost: localhost\r\n${cookies}Connection: close\r\n\r\n`);
      return Number(raw.slice(9, 12));
    };
    const mine = `${ACCESS}=${browser.jar[ACCESS]}`;
    const theirs = `${ACCESS}=${other.jar[ACCESS]}`;
    assert.equal(await ask(mine), 200);
    for (const lines of [[mine, theirs], [`${mine}; ${theirs}`], [mine, mine], [`${mine}; ${mine}`]])
      assert.equal(await ask(...lines), 400, JSON.stringify(lines.map((line) => line.length)));
    assert.equal(await ask(`${ACCESS}=`), 400);
    for (const name of ['kontor', '__host-kontor', '__Host-kontor2', '__Secure-kontor'])
      assert.equal(await ask(`${name}=${browser.jar[ACCESS]}`), 401, name);
    assert.ok([400, 401].includes(await ask(`${ACCESS}="${browser.jar[ACCESS]}"`)));
  }],
  ['a twin of X-CSRF-Token or Sec-Fetch-Site opens nothing', async (context) => {
    const { browser } = await signedIn(context, 'twins');
    const token = browser.jar[CSRF];
    for (const name of ['X_CSRF_Token', 'X.CSRF.Token', 'X-CSRF_Token', 'XCSRF-Token'])
      isCsrf(await validate(browser, { 'X-CSRF-Token': undefined, [name]: token }), name);
    const foreign = { Origin: 'https://evil.example', 'Sec-Fetch-Site': undefined };
    for (const name of ['Sec_Fetch_Site', 'Sec.Fetch.Site', 'Sec-Fetch_Site'])
      isCsrf(await validate(browser, { ...foreign, [name]: 'same-origin' }), name);
  }],
  ['cookies that HTTP/2 sends in pieces are one header again', async (context) => {
    if (context.options.server !== 'nginx') return 'nginx only';
    const { browser } = await signedIn(context, 'pieces');
    const session = http2.connect(context.stack.url, { ca: context.client.ca });
    const ask = (cookie) => new Promise((done, fail) => {
      const request = session.request({ ':path': '/api/v1/auth/me', cookie });
      request.on('response', (headers) => done(headers[':status'])).on('error', fail);
      request.resume().end();
    });
    try {
      const pieces = Object.entries(browser.jar).map(([name, value]) => `${name}=${value}`);
      assert.equal(await ask(pieces), 200);
      assert.equal(await ask([...pieces, pieces[0]]), 400);
    } finally {
      session.close();
    }
  }],
  ['refreshing by cookie needs the CSRF token, and renews all three', async (context) => {
    const { browser } = await signedIn(context, 'renewer');
    const before = { ...browser.jar };
    const refresh = (headers) => browser.send('POST', '/api/v1/auth/refresh', { body: {}, headers });
    isCsrf(await refresh({ 'X-CSRF-Token': undefined }), 'none');
    isCsrf(await refresh({ Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }), 'cross-site');
    assert.deepEqual(browser.jar, before);
    delete browser.jar[ACCESS]; /* as a browser does after half an hour */
    assert.equal((await me(browser)).status, 401);
    const answer = await refresh();
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json.token_type, 'cookie');
    assert.ok(!answer.json.access_token && !answer.json.refresh_token, answer.text);
    for (const name of NAMES) assert.notEqual(browser.jar[name], before[name], name);
    assert.equal(answer.json.csrf_token, browser.jar[CSRF]);
    assert.equal((await me(browser)).status, 200);
    assert.equal((await validate(browser)).status, LET_IN);
    /* The token from before is this session's, too: another tab may hold it. */
    assert.equal((await validate(browser, { 'X-CSRF-Token': before[CSRF] })).status, LET_IN);
  }],
  ['twenty tabs that refresh at once leave one living successor', async (context) => {
    const { browser } = await signedIn(context, 'tabs');
    const tabs = Array.from({ length: 20 }, () => Object.assign(new Browser(context), { jar: { ...browser.jar } }));
    const answers = await Promise.all(tabs.map((tab) => tab.send('POST', '/api/v1/auth/refresh', { body: {}, agent: false })));
    const good = tabs.filter((_, i) => answers[i].status === 200);
    assert.ok(answers.every(({ status }) => [200, 429].includes(status)), answers.map(({ status }) => status).join());
    assert.ok(good.length >= 2);
    assert.equal(new Set(good.map((tab) => tab.jar[REFRESH])).size, 1, 'more than one successor');
    for (const tab of good) {
      assert.equal((await me(tab)).status, 200);
      assert.equal((await validate(tab)).status, LET_IN);
    }
    return `${good.length} of 20 answered at once`;
  }],
  ['signing out clears the cookies and kills what they held', async (context) => {
    const { browser } = await signedIn(context, 'leaver');
    const before = { ...browser.jar };
    const answer = await browser.send('POST', '/api/v1/auth/logout');
    assert.equal(answer.status, 200, answer.text);
    const cookies = cookiesOf(answer);
    assert.deepEqual(Object.keys(cookies).sort(), NAMES);
    for (const [name, { value, attributes }] of Object.entries(cookies)) {
      assert.equal(value, '', name);
      for (const attribute of ['max-age=0', 'path=/', 'secure', 'samesite=strict']) assert.ok(attributes.includes(attribute), `${name}: ${attribute}`);
    }
    assert.deepEqual(browser.jar, {});
    const thief = Object.assign(new Browser(context), { jar: before });
    assert.equal((await me(thief)).status, 401);
    assert.equal((await thief.send('POST', '/api/v1/auth/refresh', { body: {} })).status, 401);
    const bearer = await context.client.send('GET', '/api/v1/auth/me', { token: before[ACCESS] });
    assert.equal(bearer.status, 401);
  }],
  ['each security header once on answers that set cookies', async (context) => {
    const { person, browser } = await signedIn(context, 'heads');
    for (const answer of [await browser.signIn(person), await browser.send('POST', '/api/v1/auth/refresh', { body: {} }),
      await browser.send('POST', '/api/v1/auth/logout')]) {
      for (const name of ['strict-transport-security', 'x-content-type-options', 'x-frame-options', 'referrer-policy', 'permissions-policy',
        'content-security-policy', 'cross-origin-opener-policy', 'cross-origin-resource-policy', 'cache-control', 'x-request-id'])
        assert.equal(answer.count(name), 1, name);
      assert.equal(answer.headers['content-encoding'], undefined);
    }
  }],
  ['no cookie of a session is in any log', async (context) => {
    const { stack, client } = context;
    const { browser } = await signedIn(context, 'unseen');
    const mine = Object.values(browser.jar);
    /* Also when things go wrong. */
    await me(browser, { Authorization: 'Bearer x' });
    await validate(browser, { 'X-CSRF-Token': undefined });
    await client.send('GET', `/api/v1/strategies/${'a'.repeat(20)}`, { headers: { Cookie: `${browser.cookie}; ${browser.cookie}` } });
    const last = await me(browser);
    await until('the log has it', () => Object.values(stack.logs()).join().includes(last.headers['x-request-id']));
    await browser.send('POST', '/api/v1/auth/logout');
    for (const file of filesBelow(join(stack.data, 'log'))) {
      const text = readFileSync(file, 'latin1');
      for (const value of mine) assert.ok(!text.includes(value), `${file}: ${value.slice(0, 6)}…`);
    }
  }],
];
