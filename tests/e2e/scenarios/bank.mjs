/* Linking a bank through Plaid, against a stand-in of it. */
import assert from 'node:assert/strict';
import { until } from '../lib/wait.mjs';
import { withStack } from '../lib/own.mjs';

/* One user's bank; errands are followed to their end. */
class Bank {
  constructor(client, person) {
    Object.assign(this, { client, person });
  }

  send(method, path, body) {
    return this.client.send(method, `/api/v1/plaid${path}`, { token: this.person.access, body });
  }

  async errand(method, path, body) {
    const asked = await this.send(method, path, body);
    assert.equal(asked.status, 202, asked.text);
    return until(`${method} ${path} is done`, async () => {
      const answer = await this.client.send('GET', asked.headers.location, { token: this.person.access });
      assert.equal(answer.status, 200, answer.text);
      return ['done', 'failed'].includes(answer.json.state) && answer.json;
    });
  }

  async list(path) {
    const answer = await this.send('GET', path);
    assert.equal(answer.status, 200, answer.text);
    return answer.json.data;
  }

  async link(plaid) {
    const done = await this.errand('POST', '/exchange_public_token', { public_token: plaid.publicToken(), institution: 'First Platypus' });
    assert.equal(done.state, 'done', done.error);
    return done.result.link_id;
  }
}

export const tests = [
  ['a bank is linked, read, read anew and ended', async ({ client, people, plaid, stack }) => {
    const bank = new Bank(client, await people.make('banker'));
    const begun = await bank.errand('POST', '/create_link_token');
    assert.match(begun.result.link_token, /^link-sandbox-/);
    const token = plaid.publicToken();
    people.secrets.push(token);
    const linked = await bank.errand('POST', '/exchange_public_token', { public_token: token, institution: 'First Platypus' });
    assert.equal(linked.state, 'done', linked.error);
    assert.equal(linked.result.accounts, 2);
    const [access, item] = [...plaid.items].at(-1);
    people.secrets.push(access);
    const accounts = await bank.list('/accounts');
    assert.deepEqual(accounts.map(({ name, mask, available, current, currency, institution }) => [name, mask, available, current, currency, institution]), [
      ['Plaid Card', null, null, '410.00000000', 'USD', 'First Platypus'],
      ['Plaid Checking', '0000', '100.00000000', '110.94000000', 'USD', 'First Platypus'],
    ]);
    item.accounts[0].balances.current = 90071992547409.93;
    item.accounts[1].balances.current = -0.5;
    assert.equal((await bank.errand('POST', '/accounts/refresh')).result.accounts, 2);
    assert.deepEqual((await bank.list('/accounts')).map(({ current }) => current), ['-0.50000000', null], 'what has no room is not told');
    const other = new Bank(client, await people.make('nosy'));
    assert.deepEqual(await other.list('/accounts'), []);
    const ended = await bank.errand('DELETE', `/links/${linked.result.link_id}`);
    assert.deepEqual(ended.result, { ended_at_plaid: true });
    assert.equal(plaid.items.has(access), false);
    assert.deepEqual(await bank.list('/accounts'), []);
    assert.deepEqual(await bank.list('/links'), []);
    const database = stack.kontor('audit', 'list', '--event', 'bank.linked');
    assert.ok(!database.out.includes(access));
  }],
  ['what Plaid refuses is said, and a link keeps what was read last', async ({ client, people, plaid }) => {
    const bank = new Bank(client, await people.make('banker'));
    const refused = await bank.errand('POST', '/exchange_public_token', { public_token: 'public-made-up' });
    assert.equal(refused.state, 'failed');
    assert.match(refused.error, /INVALID_PUBLIC_TOKEN/);
    const id = await bank.link(plaid);
    for (const [plan, error] of [
      [{ status: 400, body: { error_code: 'ITEM_LOGIN_REQUIRED' } }, 'ITEM_LOGIN_REQUIRED'],
      [{ status: 500, body: 'oops' }, 'UNREACHABLE'],
      [{ status: 200, body: '{"accounts":[{}]}' }, 'UNREACHABLE'],
      [{ cut: true }, 'UNREACHABLE'],
    ]) {
      plaid.plan('/accounts/get', plan);
      assert.equal((await bank.errand('POST', '/accounts/refresh')).state, 'done');
      assert.equal((await bank.list('/links'))[0].error, error);
      assert.equal((await bank.list('/accounts')).length, 2);
    }
    assert.equal((await bank.errand('POST', '/accounts/refresh')).state, 'done');
    assert.equal((await bank.list('/links'))[0].error, null);
    plaid.plan('/item/remove', { status: 503, body: 'later' });
    assert.deepEqual((await bank.errand('DELETE', `/links/${id}`)).result, { ended_at_plaid: false });
    assert.deepEqual(await bank.list('/links'), []);
  }],
  ['a Plaid that hangs costs three answers, however many links there are', (context) => withStack(context, { settings: { ...context.plaid.settings, OUTBOUND_MS: '1000' } }, async ({ client, people }) => {
    const { plaid } = context;
    const bank = new Bank(client, await people.make('banker'));
    for (let i = 0; i < 6; i++) await bank.link(plaid);
    plaid.plan('/accounts/get', { hang: true, always: true });
    plaid.asked.length = 0;
    assert.equal((await bank.errand('POST', '/accounts/refresh')).state, 'done');
    plaid.plan('/accounts/get', undefined);
    assert.ok(plaid.asked.length <= 4, `asked ${plaid.asked.length} times`);
    assert.deepEqual((await bank.list('/links')).map(({ error }) => error), Array(6).fill('UNREACHABLE'));
    const twins = [...plaid.items.values()].at(-6);
    twins.accounts[1].account_id = twins.accounts[0].account_id;
    assert.equal((await bank.errand('POST', '/accounts/refresh')).state, 'done', 'one link costs the others nothing');
    assert.deepEqual((await bank.list('/links')).map(({ error }) => error), [null, null, null, null, null, 'UNREACHABLE']);
  })],
  ['without PLAID_CLIENT_ID it says that it is not set up; a user has so many links', (context) => withStack(context, { settings: { ...context.plaid.settings, BANK_LINKS_PER_USER: '0' } }, async (own) => {
    const bank = new Bank(own.client, await own.people.make('banker'));
    const full = await bank.send('POST', '/exchange_public_token', { public_token: 'public-x' });
    assert.equal(full.status, 409, full.text);
    await withStack(own, {}, async (other) => {
      const without = new Bank(other.client, await other.people.make('banker'));
      for (const [method, path, body] of [['POST', '/create_link_token'], ['GET', '/accounts'], ['POST', '/exchange_public_token', { public_token: 'x' }]]) {
        const answer = await without.send(method, path, body);
        assert.equal(answer.status, 503, answer.text);
        assert.equal(answer.json.code, 'not_configured');
        assert.match(answer.json.detail, /PLAID_CLIENT_ID/);
        assert.match(answer.headers['retry-after'], /^\d+$/);
      }
    });
  })],
];
