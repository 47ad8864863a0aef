/*
 * A stand-in for Plaid's API, as strict as its documentation: the
 * installation's id and secret as headers, JSON bodies with the members that
 * a call takes and no others, public tokens that serve once. `plan` makes the
 * next call of a path misbehave: { status, body, hang, cut }; with `always`
 * all of them.
 */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

const word = () => randomBytes(9).toString('hex');
const ACCOUNTS = [
  { account_id: 'acc1', name: 'Plaid Checking', official_name: 'Plaid Gold Checking', mask: '0000', type: 'depository', subtype: 'checking', balances: { available: 100, current: 110.94, limit: null, iso_currency_code: 'USD', unofficial_currency_code: null } },
  { account_id: 'acc2', name: 'Plaid Card', official_name: null, mask: null, type: 'credit', subtype: 'credit card', balances: { available: null, current: 410, limit: 2000, iso_currency_code: 'USD', unofficial_currency_code: null } },
];
/* path: [members that it must have, members that it may have] */
const CALLS = {
  '/link/token/create': [['client_name', 'language', 'country_codes', 'products', 'user'], []],
  '/item/public_token/exchange': [['public_token'], []],
  '/accounts/get': [['access_token'], ['options']],
  '/item/remove': [['access_token'], []],
};

export class Plaid {
  clientId = `client-${word()}`;
  secret = `secret-${word()}`;
  publicTokens = new Set();
  items = new Map(); /* access token -> { item_id, accounts } */
  asked = [];
  plans = new Map();

  async start() {
    this.server = createServer((request, response) => {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => this.serve(request, response, Buffer.concat(chunks).toString()));
    });
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(done));
  }

  get settings() {
    return { PLAID_CLIENT_ID: this.clientId, PLAID_SECRET: this.secret, PLAID_URL: this.url, OUTBOUND_LOOPBACK: 'true' };
  }

  /* What Plaid Link gives the browser when the user is through. */
  publicToken() {
    const token = `public-${word()}`;
    this.publicTokens.add(token);
    return token;
  }

  plan(path, what) {
    this.plans.set(path, what);
  }

  serve(request, response, body) {
    const plan = this.plans.get(request.url);
    if (!plan?.always) this.plans.delete(request.url);
    this.asked.push({ path: request.url, body });
    if (plan?.cut) return response.destroy();
    if (plan?.hang) return undefined;
    const [status, answer] = plan?.status ? [plan.status, plan.body] : this.answer(request, body);
    response.writeHead(status, { 'content-type': 'application/json' });
    return response.end(typeof answer === 'string' ? answer : JSON.stringify({ request_id: word(), ...answer }));
  }

  answer(request, body) {
    const wrong = (code, type = 'INVALID_REQUEST') =>
      [400, { error_type: type, error_code: code, error_message: `stand-in: ${code}`, display_message: null }];
    const call = CALLS[request.url];
    if (!call || request.method !== 'POST') return wrong('NOT_FOUND');
    if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) return wrong('INVALID_BODY');
    if (request.headers['plaid-client-id'] !== this.clientId || request.headers['plaid-secret'] !== this.secret)
      return wrong('INVALID_API_KEYS', 'INVALID_INPUT');
    let json;
    try {
      json = JSON.parse(body);
    } catch {
      return wrong('INVALID_BODY');
    }
    const names = Object.keys(json);
    if (!call[0].every((name) => names.includes(name))) return wrong('MISSING_FIELDS');
    if (!names.every((name) => call[0].includes(name) || call[1].includes(name))) return wrong('UNKNOWN_FIELDS');
    return this.#calls[request.url](json, wrong);
  }

  #calls = {
    '/link/token/create': ({ user, products, country_codes: countries }, wrong) => {
      if (typeof user.client_user_id !== 'string' || !products.length || !countries.every((code) => /^[A-Z]{2}$/.test(code)))
        return wrong('INVALID_FIELD');
      return [200, { link_token: `link-sandbox-${word()}`, expiration: '2030-01-01T00:00:00Z' }];
    },
    '/item/public_token/exchange': ({ public_token: token }, wrong) => {
      if (!this.publicTokens.delete(token)) return wrong('INVALID_PUBLIC_TOKEN', 'INVALID_INPUT');
      const access = `access-${word()}`;
      const item = { item_id: `item-${word()}`, accounts: structuredClone(ACCOUNTS) };
      this.items.set(access, item);
      return [200, { access_token: access, item_id: item.item_id }];
    },
    '/accounts/get': ({ access_token: token }, wrong) => {
      const item = this.items.get(token);
      return item ? [200, { accounts: item.accounts, item: { item_id: item.item_id } }] : wrong('INVALID_ACCESS_TOKEN', 'INVALID_INPUT');
    },
    '/item/remove': ({ access_token: token }, wrong) =>
      (this.items.delete(token) ? [200, {}] : wrong('INVALID_ACCESS_TOKEN', 'INVALID_INPUT')),
  };
}
