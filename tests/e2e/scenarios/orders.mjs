/* The desk with fresh prices: fills, the account, keys that make nothing
   twice, and the switch that stops everybody. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MINUTE = 60_000;

/* DESK at 100, its newest candle just closed. */
export function bring(stack) {
  const last = Math.floor(Date.now() / MINUTE) * MINUTE - MINUTE;
  const rows = Array.from({ length: 5 }, (_, i) => `${last - (4 - i) * MINUTE},100,101,99.01,100,100000`);
  const file = join(stack.folder, 'desk.csv');
  writeFileSync(file, `time,open,high,low,close,volume\n${rows.join('\n')}\n`);
  const done = stack.kontor('import', file, '--symbol', 'DESK', '--interval', '1m');
  assert.equal(done.code, 0, done.err);
}

const trader = async ({ client, people }, name) => {
  const person = await people.make(name);
  person.send = (method, path, body, headers = {}) =>
    client.send(method, `/api/v1${path}`, { token: person.access, body, headers });
  return person;
};
const buy = (quantity) => ({ symbol: 'DESK', side: 'buy', quantity });

export const tests = [
  ['a market order fills, the account follows, the position is closed', async (context) => {
    bring(context.stack);
    const alice = await trader(context, 'alice');
    const bought = await alice.send('POST', '/trade/execute', buy('10'));
    assert.equal(bought.status, 201, bought.text);
    assert.equal(bought.json.state, 'filled', bought.text);
    const held = await alice.send('GET', '/portfolio');
    assert.equal(held.json.positions[0].quantity, '10');
    assert.ok(Number(held.json.equity) < 10000 && Number(held.json.equity) > 9990, held.text);
    const closed = await alice.send('POST', '/portfolio/positions/DESK/close');
    assert.equal(closed.status, 201, closed.text);
    assert.equal(closed.json.state, 'filled');
    const after = await alice.send('GET', '/portfolio');
    assert.deepEqual(after.json.positions, []);
    assert.equal(after.json.cash, after.json.equity);
    const { json: trades } = await alice.send('GET', '/trades?symbol=DESK');
    const paid = trades.data.reduce((sum, one) => sum + (one.side === 'buy' ? -1 : 1) * Number(one.value) - Number(one.fee), 0);
    assert.ok(Math.abs(10000 + paid - Number(after.json.cash)) < 1e-6);
    const csv = await alice.send('GET', '/trades?limit=1', undefined, { Accept: 'text/csv' });
    assert.match(csv.headers['content-type'], /^text\/csv/);
    assert.match(csv.headers.vary, /Accept/);
    const [names, row, rest] = csv.text.split('\r\n');
    assert.equal(names.split(',').length, row.split(',').length);
    assert.equal(rest, '');
    const second = await alice.send('GET', `/trades?limit=1&cursor=${csv.headers['x-next-cursor']}`);
    assert.equal(second.json.data[0].id, trades.data[1].id);
    const { json: history } = await alice.send('GET', '/portfolio/history');
    assert.ok(history.data.length > 0);
  }],
  ['the same Idempotency-Key makes one order, and answers the same', async (context) => {
    bring(context.stack);
    const alice = await trader(context, 'alice');
    const headers = { 'Idempotency-Key': 'k-1' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => alice.send('POST', '/trade/execute', buy('1'), headers)));
    for (const answer of answers) assert.equal(answer.status, 201, answer.text);
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
    const other = await alice.send('POST', '/trade/execute', buy('2'), headers);
    assert.equal(other.status, 422, other.text);
    assert.equal(other.json.code, 'idempotency_key_reused');
    assert.equal((await alice.send('POST', '/trade/execute', buy('1'), { 'Idempotency-Key': 'a b' })).status, 400);
    assert.equal((await alice.send('GET', '/orders')).json.data.length, 1);
    const bob = await trader(context, 'bob');
    const bobs = await bob.send('POST', '/trade/execute', buy('1'), headers);
    assert.equal(bobs.status, 201);
    assert.notEqual(bobs.json.id, answers[0].json.id);
  }],
  ['orders at once spend one limit once', async (context) => {
    bring(context.stack);
    const alice = await trader(context, 'alice');
    assert.equal((await alice.send('PUT', '/risk', { max_symbol_value: '510' })).status, 200);
    const answers = await Promise.all(Array.from({ length: 16 }, () => alice.send('POST', '/trade/execute', buy('1'))));
    const states = answers.map(({ json }) => json.reason ?? json.state).sort();
    assert.equal(states.filter((state) => state === 'filled').length, 5, states.join(' '));
    assert.equal((await alice.send('GET', '/portfolio/positions')).json.data[0].quantity, '5');
  }],
  ['an admin stops everybody at once', async (context) => {
    bring(context.stack);
    const [alice, admin] = [await trader(context, 'alice'), await context.people.admin()];
    const set = (value) => context.client.send('PUT', '/api/v1/admin/settings', { token: admin.access, body: { values: { TRADING_HALTED: value } } });
    const stopped = await set(true);
    assert.equal(stopped.status, 200, stopped.text);
    const denied = await alice.send('POST', '/trade/execute', buy('1'));
    assert.equal(denied.json.reason, 'trading_halted', denied.text);
    assert.equal((await set(null)).status, 200);
    assert.equal((await alice.send('POST', '/trade/execute', buy('1'))).json.state, 'filled');
  }],
];
