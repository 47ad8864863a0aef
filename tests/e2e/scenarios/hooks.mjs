/* Alerts from outside: what a hook lets in, what it keeps out, and that the
   same alert does nothing twice. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bring } from './orders.mjs';
import { filesBelow } from '../lib/stack.mjs';

async function owner(context, bounds = {}) {
  const alice = await context.people.make('alice');
  alice.send = (method, path, body) => context.client.send(method, `/api/v1${path}`, { token: alice.access, body });
  const made = await alice.send('POST', '/hooks', { name: 'alerts', ...bounds });
  assert.equal(made.status, 201, made.text);
  alice.hook = made.json;
  alice.path = new URL(made.json.url).pathname;
  alice.call = (body, headers = {}) => context.client.send('POST', alice.path, { body, headers });
  alice.deliveries = async () => (await alice.send('GET', `/hooks/${made.json.id}/deliveries`)).json.data;
  return alice;
}

const buy = { action: 'buy', symbol: 'DESK', quantity: '1' };
const signed = (key, body, seconds) => ({
  'X-Kontor-Signature': `t=${seconds},v1=${createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')}`,
  'Content-Type': 'application/json',
});

export const tests = [
  ['an alert buys, another closes, and both are listed', async (context) => {
    bring(context.stack);
    const alice = await owner(context);
    const bought = await alice.call({ action: 'buy', symbol: 'BINANCE:DESK', quote: '500', id: 'a-1' });
    assert.equal(bought.status, 200, bought.text);
    assert.equal(bought.json.state, 'placed');
    assert.equal(bought.json.order_state, 'filled', bought.text);
    const order = (await alice.send('GET', `/orders/${bought.json.order_id}`)).json;
    assert.equal(order.source, 'hook');
    assert.equal(order.symbol, 'DESK');
    assert.equal(order.quantity, '5');
    const closed = await alice.call({ action: 'close', symbol: 'desk' });
    assert.equal(closed.json.order_state, 'filled', closed.text);
    assert.deepEqual((await alice.send('GET', '/portfolio/positions')).json.data, []);
    const nothing = await alice.call({ action: 'close', symbol: 'DESK' });
    assert.equal(nothing.json.state, 'nothing', nothing.text);
    const list = await alice.deliveries();
    assert.deepEqual(list.map((one) => [one.action, one.state]), [['close', 'nothing'], ['close', 'placed'], ['buy', 'placed']]);
    assert.equal(list[2].order_id, bought.json.order_id);
  }],
  ['the same alert, at once and later, makes one order', async (context) => {
    bring(context.stack);
    const alice = await owner(context);
    const alert = { ...buy, id: 'bar-77' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => alice.call(alert)));
    for (const answer of answers) assert.equal(answer.status, 200, answer.text);
    assert.equal(answers.filter(({ json }) => !json.repeated).length, 1);
    assert.equal(new Set(answers.map(({ json }) => json.delivery_id)).size, 1);
    const plain = await Promise.all([alice.call(buy), alice.call(buy)]);
    assert.equal(plain.filter(({ json }) => json.repeated).length, 1, 'the same words within seconds are one');
    assert.equal((await alice.send('GET', '/orders')).json.data.length, 2);
  }],
  ['bounds hold: side, symbol, value, orders an hour, time', async (context) => {
    bring(context.stack);
    const alice = await owner(context, { sides: 'buy', symbols: ['DESK'], max_value: '250', orders_per_hour: 2 });
    const refused = async (body, reason) => {
      const answer = await alice.call(body);
      assert.equal(answer.status, 403, answer.text);
      assert.equal(answer.json.code, 'hook_refused');
      assert.ok(answer.json.detail.includes(reason), answer.text);
      assert.equal(answer.headers['www-authenticate'], undefined);
      assert.equal((await alice.deliveries())[0].reason, reason, answer.text);
    };
    await refused({ ...buy, action: 'sell' }, 'side');
    await refused({ ...buy, quantity: '3' }, 'max_value');
    await refused({ ...buy, time: '2020-01-01T00:00:00Z' }, 'time');
    assert.equal((await alice.call({ action: 'buy', quantity: '2' })).status, 200, 'its only symbol');
    assert.equal((await alice.call({ ...buy, id: '2' })).status, 200);
    await refused({ ...buy, id: '3' }, 'orders_per_hour');
    assert.equal((await alice.call({ action: 'close' })).json.order_state, 'filled', 'closing is always allowed');
    const orders = (await alice.send('GET', '/orders')).json.data;
    assert.equal(orders.length, 3);
    const other = await owner(context, { symbols: ['BTC-USD'] });
    assert.equal((await other.call(buy)).status, 403);
    assert.equal((await other.deliveries())[0].reason, 'symbol');
    for (const [body, pointer] of [[{ action: 'buy', symbol: 'NONE', quantity: '1' }, '/symbol'], [{ action: 'buy', symbol: 'BTC-USD' }, '/quantity'],
      [{ action: 'buy', symbol: 'BTC-USD', quantity: '0' }, '/quantity'], [{ action: 'close', symbol: 'BTC-USD', quantity: '1' }, '/action']]) {
      const answer = await other.call(body);
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.json.errors[0].pointer, pointer, answer.text);
    }
  }],
  ['risk holds for alerts as for everybody', async (context) => {
    bring(context.stack);
    const alice = await owner(context);
    assert.equal((await alice.send('POST', '/risk/halt')).status, 200);
    const denied = await alice.call(buy);
    assert.equal(denied.status, 200);
    assert.deepEqual([denied.json.order_state, denied.json.reason], ['denied', 'halted']);
  }],
  ['a hook that wants signatures takes no other call', async (context) => {
    bring(context.stack);
    const alice = await owner(context, { needs_signature: true });
    const text = JSON.stringify(buy);
    const now = Math.floor(Date.now() / 1000);
    const { key } = alice.hook;
    const refused = [{ 'Content-Type': 'application/json' }, signed('another key', text, now), signed(key, `${text} `, now),
      signed(key, text, now - 301), signed(key, text, now + 301), { 'Content-Type': 'application/json', 'X-Kontor-Signature': `t=${now},v1=` }];
    for (const headers of refused) assert.equal((await alice.call(text, headers)).status, 403, JSON.stringify(headers));
    const good = await alice.call(text, signed(key, text, now));
    assert.equal(good.status, 200, good.text);
    assert.equal(good.json.order_state, 'filled');
    assert.equal((await alice.call(text, signed(key, text, now))).json.repeated, true, 'replayed');
    /* those of one millisecond, taken by several workers, stand in any order */
    assert.deepEqual((await alice.deliveries()).map((one) => String(one.reason)).sort(),
      ['null', 'signature', 'signature', 'signature', 'signature', 'time', 'time']);
    const rotated = await alice.send('POST', `/hooks/${alice.hook.id}/rotate`);
    assert.equal((await alice.call(text, signed(key, text, now))).status, 404, 'the old address is dead');
    alice.path = new URL(rotated.json.url).pathname;
    assert.equal((await alice.call({ ...buy, id: 'r' }, signed(key, JSON.stringify({ ...buy, id: 'r' }), now))).status, 403, 'and so is the old key');
  }],
  ['wrong signatures use up nothing of what the right ones may', async (context) => {
    bring(context.stack);
    const alice = await owner(context, { needs_signature: true });
    const text = JSON.stringify(buy);
    const now = Math.floor(Date.now() / 1000);
    const wrong = [];
    for (let i = 0; i < 31; i++) wrong.push((await alice.call(text, signed('another key', text, now))).status);
    assert.deepEqual([wrong[0], wrong[29], wrong[30]], [403, 403, 429]);
    const good = await alice.call(text, signed(alice.hook.key, text, now));
    assert.equal(good.json.order_state, 'filled', good.text);
    assert.equal((await alice.deliveries()).length, 31);
  }],
  ['calls from elsewhere, to a hook that is off, or too many, do nothing', async (context) => {
    bring(context.stack);
    const alice = await owner(context, { addresses: ['192.0.2.1'] });
    assert.equal((await alice.call(buy)).status, 403);
    assert.equal((await alice.deliveries())[0].reason, 'address');
    assert.equal((await alice.send('PATCH', `/hooks/${alice.hook.id}`, { addresses: ['127.0.0.0/8', '::1'] })).status, 200);
    assert.equal((await alice.call(buy)).status, 200);
    assert.equal((await alice.send('PATCH', `/hooks/${alice.hook.id}`, { enabled: false })).status, 200);
    assert.equal((await alice.call(buy)).status, 404);
    assert.equal((await alice.send('PATCH', `/hooks/${alice.hook.id}`, { enabled: true, sides: 'sell' })).status, 200);
    const answers = [];
    for (let i = 0; i < 31; i++) answers.push(await alice.call({ ...buy, id: `n${i}` }));
    const last = answers.at(-1);
    assert.equal(last.status, 429, last.text);
    assert.ok(Number(last.headers['retry-after']) > 0);
    assert.equal((await alice.deliveries()).length, 31, 'what is too much leaves no row; a refused sender is counted apart');
  }],
  ['a changed password switches hooks off', async (context) => {
    const alice = await owner(context);
    const next = `another ${alice.password}`;
    assert.equal((await alice.send('POST', '/auth/change-password', { current_password: alice.password, new_password: next })).status, 200);
    assert.equal((await alice.call(buy)).status, 404);
    alice.password = next;
    await context.people.login(alice);
    assert.equal((await alice.send('GET', '/hooks')).json.data[0].enabled, false);
  }],
  ['the secret stands in no log and nowhere on the disk', async (context) => {
    bring(context.stack);
    const alice = await owner(context);
    const secret = alice.path.split('.').pop();
    await alice.call(buy);
    await context.client.send('GET', alice.path, {});
    await context.client.send('PUT', alice.path, { body: buy });
    await context.client.send('POST', `${alice.path}/x`, { body: buy });
    await context.client.send('POST', `${alice.path}//`, { body: buy });
    await context.client.send('POST', alice.path.replace('/hooks/', '/h%6foks/'), { body: buy });
    const files = filesBelow(context.stack.data).filter((file) => existsSync(file) && readFileSync(file).includes(secret));
    assert.deepEqual(files, []);
    const web = join(context.stack.data, 'log/web.log');
    return existsSync(web) ? 'with the web server\'s log' : 'no web server\'s log here';
  }],
];
