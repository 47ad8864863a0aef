/* What time does to tokens, and what a broken clock does. Needs the test
   build, whose clock can be moved. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withStack } from '../lib/own.mjs';
import { below } from '../lib/processes.mjs';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const me = (client, token) => client.send('GET', '/api/v1/auth/me', { token });
const refresh = (client, token) => client.send('POST', '/api/v1/auth/refresh', { body: { refresh_token: token } });

/* A stack of its own: its clock only goes forward. */
function withClock(work) {
  return async (context) => {
    const program = readFileSync(join(context.stack.programs, 'kontor.fcgi'));
    if (!program.includes('KONTOR_TEST_CLOCK')) return 'skipped: the programs have no test clock';
    return withStack(context, { workers: [2, 1], settings: { LOGIN_FREE_FAILURES: '5' } }, work);
  };
}

export const tests = [
  ['tokens, sessions and links end when they should', withClock(async ({ stack, people, client }) => {
    const reuser = await people.make('reuser');
    const expirer = await people.make('expirer');
    const stale = await people.make('stale');
    const child = (await refresh(client, reuser.refresh)).json;

    stack.moveClock(11_000);
    const reuse = await refresh(client, reuser.refresh);
    assert.equal(reuse.status, 401, 'reuse outside the grace');
    assert.equal((await me(client, child.access_token)).status, 401, 'the family is dead');
    assert.equal((await refresh(client, child.refresh_token)).status, 401, 'the child is dead');

    stack.moveClock(16 * MINUTE);
    const link = stack.adminLink.split('/').pop();
    const setup = await client.send('POST', '/api/v1/auth/setup', {
      body: { token: link, username: 'late-admin', password: 'a long enough pass phrase' },
    });
    assert.notEqual(setup.status, 201, 'a link of 16 minutes ago');
    const made = await client.send('POST', '/api/v1/keys', { token: stale.access, body: { name: 'k', scopes: ['strategies:read'] } });
    assert.equal(made.status, 403, `needs a fresh password: ${made.text}`);
    assert.equal(made.json.code, 'reauth_required');
    const again = await client.send('POST', '/api/v1/auth/reauthenticate', { token: stale.access, body: { password: stale.password } });
    assert.equal(again.status, 200, again.text);
    const now = await client.send('POST', '/api/v1/keys', { token: stale.access, body: { name: 'k', scopes: ['strategies:read'] } });
    assert.equal(now.status, 201, now.text);

    stack.moveClock(15 * MINUTE);
    const late = await me(client, expirer.access);
    assert.equal(late.status, 401, 'an access token of 31 minutes ago');
    assert.match(late.headers['www-authenticate'], /invalid_token/);
    let current = await refresh(client, expirer.refresh);
    assert.equal(current.status, 200, current.text);

    for (let day = 1; day <= 6; day++) {
      stack.moveClock(DAY);
      current = await refresh(client, current.json.refresh_token);
      assert.equal(current.status, 200, `day ${day}: ${current.text}`);
    }
    assert.ok(current.json.refresh_expires_in < DAY, 'rotation does not extend the session');
    stack.moveClock(DAY);
    assert.equal((await refresh(client, current.json.refresh_token)).status, 401, 'a session of eight days');
    assert.equal((await refresh(client, stale.refresh)).status, 401, 'a session unused for days');
  })],
  ['with a clock that fails nobody is let in', withClock(async ({ stack, people, client }) => {
    const person = await people.make('timeless');
    writeFileSync(stack.clockFile, 'not a number\n');
    const answer = await me(client, person.access);
    assert.equal(answer.status, 503, answer.text);
    assert.ok(answer.headers['retry-after']);
    const login = await client.send('POST', '/api/v1/auth/login', { body: { username: person.name, password: person.password } });
    assert.equal(login.status, 503, login.text);
    rmSync(stack.clockFile);
    assert.equal((await me(client, person.access)).status, 200);
  })],
  ['wrong passwords earn a growing wait that the owner elsewhere does not feel', withClock(async ({ stack, people, client }) => {
    const person = await people.make('guessed');
    const attempt = (name, password) => client.send('POST', '/api/v1/auth/login', { body: { username: name, password } });
    for (const name of [person.name, 'no-such-user-here']) {
      const statuses = [];
      for (let i = 0; i < 8; i++) statuses.push((await attempt(name, 'wrong')).status);
      assert.ok(statuses.slice(0, 5).every((status) => status === 401), `${name}: ${statuses}`);
      assert.ok(statuses.includes(429), `${name}: ${statuses}`);
      const limited = await attempt(name, 'wrong');
      assert.equal(limited.status, 429);
      assert.ok(Number(limited.headers['retry-after']) > 0);
    }
    stack.moveClock(DAY);
    assert.equal((await attempt(person.name, person.password)).status, 200);
    assert.ok(below(stack.child.pid).length > 0);
  })],
];
