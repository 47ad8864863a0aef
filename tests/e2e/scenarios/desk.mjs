/* The dashboard's pages of the desk: what they show, that a kept answer never
   outlives what it shows, also when the background process changes it. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../lib/wait.mjs';
import { withStack } from '../lib/own.mjs';

const MINUTE = 60_000;

/* `count` candles of a symbol up to the minute that has just closed. */
function bring(stack, symbol, prices, count = 5) {
  const last = Math.floor((Date.now() + (stack.clockMs ?? 0)) / MINUTE) * MINUTE - MINUTE;
  const rows = Array.from({ length: count }, (_, i) => `${last - (count - 1 - i) * MINUTE},${prices},100000`);
  const file = join(stack.folder, 'desk.csv');
  writeFileSync(file, `time,open,high,low,close,volume\n${rows.join('\n')}\n`);
  const done = stack.kontor('import', file, '--symbol', symbol, '--interval', '1m');
  assert.equal(done.code, 0, done.err);
}

async function trader({ client, people }, name) {
  const person = await people.make(name);
  person.send = (method, path, body) => client.send(method, `/api/v1${path}`, { token: person.access, body });
  person.page = async (name) => {
    const answer = await person.send('GET', `/dashboard/${name}`);
    assert.equal(answer.status, 200, answer.text);
    return { ...answer.json, cache: answer.headers['x-cache'] };
  };
  return person;
}
const limit = (symbol, quantity, price) => ({ symbol, side: 'buy', type: 'limit', quantity, price });
const named = (page, name) => page.limits.find((one) => one.venue === 'paper' && one.name === name);

export const tests = [
  ['trading, risk and overview in a call each, new at once', async (context) => {
    bring(context.stack, 'PAGE', '100,101,99.01,100');
    const alice = await trader(context, 'alice');
    const before = await alice.page('trading');
    assert.equal(before.venues[0].equity, '10000');
    assert.deepEqual(before.positions, []);
    assert.deepEqual(before.periods.map(({ period }) => period), ['day', 'week', 'month', 'total']);
    assert.equal((await alice.page('trading')).cache, 'HIT');
    assert.equal((await alice.page('risk')).state, 'active');
    assert.equal((await alice.page('risk')).cache, 'HIT');
    assert.equal((await alice.page('overview')).desk.trades.length, 0);

    assert.equal((await alice.send('POST', '/trade/execute', { symbol: 'PAGE', side: 'buy', quantity: '10' })).json.state, 'filled');
    assert.equal((await alice.send('POST', '/orders', limit('PAGE', '2', '90'))).json.state, 'accepted');
    assert.equal((await alice.send('POST', '/orders', limit('PAGE', '2', '900'))).json.reason, 'price_collar');
    const trading = await alice.page('trading');
    assert.equal(trading.cache, 'MISS');
    assert.equal(trading.positions[0].quantity, '10');
    assert.equal(trading.orders.length, 1);
    assert.equal(trading.trades.length, 1);
    assert.equal(trading.books.length, 1);
    assert.equal(trading.periods[0].fills, 1);
    assert.equal(trading.periods[0].win_rate_pct, null);
    assert.equal(trading.curves[0].points.at(-1).equity, trading.venues[0].equity);
    const risk = await alice.page('risk');
    assert.equal(named(risk, 'max_open_orders').used, '1');
    assert.equal(named(risk, 'max_open_orders').used_pct, '2');
    assert.equal(named(risk, 'max_daily_loss').limit, null);
    assert.deepEqual(risk.denials, [{ reason: 'price_collar', count: 1 }]);
    assert.equal(risk.exposure[0].symbol, 'PAGE');
    const { desk } = await alice.page('overview');
    assert.equal(desk.venues[0].open_orders, 1);
    assert.equal(desk.trades[0].symbol, 'PAGE');

    assert.equal((await alice.send('POST', '/risk/halt')).status, 200);
    const halted = await alice.page('risk');
    assert.deepEqual([halted.state, halted.state_by], ['halted', 'manual']);
    assert.ok(halted.state_at);
    assert.equal((await alice.page('trading')).orders.length, 0);
    assert.equal((await (await trader(context, 'bob')).page('trading')).trades.length, 0);
  }],
  ['an admin who stops everybody is seen on every risk page', async (context) => {
    const [alice, admin] = [await trader(context, 'alice'), await context.people.admin()];
    const set = (value) => context.client.send('PUT', '/api/v1/admin/settings', { token: admin.access, body: { values: { TRADING_HALTED: value } } });
    assert.equal((await alice.page('risk')).trading_halted, false);
    assert.equal((await alice.page('risk')).cache, 'HIT');
    assert.equal((await set(true)).status, 200);
    assert.equal((await alice.page('risk')).trading_halted, true);
    assert.equal((await set(null)).status, 200);
    assert.equal((await alice.page('risk')).trading_halted, false);
  }],
  ['totals in my currency: a reason without a rate, new at once with another currency', async (context) => {
    bring(context.stack, 'PAGE', '100,101,99.01,100');
    const [alice, bob] = [await trader(context, 'alice'), await trader(context, 'bob')];
    const portfolio = async () => (await alice.send('GET', '/portfolio')).json;
    const choose = async (currency) => assert.equal((await alice.send('PATCH', '/settings', { currency })).status, 200);
    assert.equal((await alice.send('POST', '/trade/execute', { symbol: 'PAGE', side: 'buy', quantity: '10' })).json.state, 'filled');
    const [plain] = (await alice.page('overview')).desk.totals;
    assert.deepEqual([plain.venue, plain.currency, plain.equity, plain.assets[0].legs], ['paper', 'USD', (await portfolio()).equity, []]);
    assert.equal((await alice.page('overview')).cache, 'HIT');

    await choose('CHF');
    const page = await alice.page('overview');
    assert.equal(page.cache, 'MISS');
    const [none] = page.desk.totals;
    assert.deepEqual([none.currency, none.equity, none.cash, none.reason], ['CHF', null, null, 'no_rate']);
    assert.match(none.detail, /USD to CHF/);
    assert.equal(none.assets[0].equity, plain.equity);
    assert.equal(none.assets[0].rate, null);
    assert.deepEqual((await portfolio()).totals, [none]);

    bring(context.stack, 'CHF-USD', '1.25,1.25,1.25,1.25');
    const { asset, equity, totals: [total] } = await portfolio();
    assert.equal(asset, 'USD');
    assert.ok(Math.abs(Number(total.equity) - Number(equity) * 0.8) < 1e-6, total.equity);
    assert.equal(total.assets[0].rate, '0.8');
    const [leg] = total.assets[0].legs;
    assert.deepEqual([leg.symbol, leg.price, leg.inverse, leg.stale, total.stale], ['CHF-USD', '1.25', true, false, false]);
    assert.equal(leg.at, total.assets[0].rate_at);
    assert.equal((await alice.page('overview')).desk.totals[0].equity, total.equity);
    assert.equal((await bob.page('overview')).desk.totals[0].currency, 'USD');
    assert.deepEqual((await alice.send('POST', '/portfolio/reset', { balance: '1000' })).json.totals[0].equity, '800');
  }],
  ['the desk in figures: steps, denials, fills, and sums that the background process makes', async (context) => {
    bring(context.stack, 'FIGS', '100,101,99.01,100');
    const [alice, admin] = [await trader(context, 'alice'), await context.people.admin()];
    const figures = async () => {
      const { text } = await context.client.send('GET', '/metrics');
      return (name) => Number(new RegExp(`^${name.replace(/[{}"]/g, '\\$&')} (.*)$`, 'm').exec(text)?.[1] ?? assert.fail(name));
    };
    const before = await figures();
    assert.equal((await alice.send('POST', '/trade/execute', { symbol: 'FIGS', side: 'buy', quantity: '10' })).json.state, 'filled');
    assert.equal((await alice.send('POST', '/orders', limit('FIGS', '1', '900'))).json.reason, 'price_collar');
    const after = await figures();
    for (const name of ['kontor_order_steps_total{state="filled"}', 'kontor_orders_denied_total{reason="price_collar"}', 'kontor_fills_total{venue="paper"}'])
      assert.ok(after(name) >= before(name) + 1, name);
    const run = await context.client.send('POST', '/api/v1/scheduler/jobs/clean/run', { token: admin.access });
    assert.equal(run.status, 200, run.text);
    /* what stood there before may be of a round without this position */
    await until('the sums', async () => {
      const now = await figures();
      return now('kontor_equity{venue="paper"}') > 0 && now('kontor_positions{venue="paper"}') >= 1;
    });
    await until('a round of orders', async () => (await figures())('kontor_paper_age_seconds') >= 0);
  }],
  ['what the background process fills is seen before the kept page ends', (context) => {
    if (!readFileSync(join(context.stack.programs, 'kontor.fcgi')).includes('KONTOR_TEST_CLOCK')) return 'skipped: the programs have no test clock';
    return withStack(context, { settings: { CACHE_TTL_TRADING: '3600', CACHE_STALE_SECONDS: '0' } }, async (inner) => {
      bring(inner.stack, 'REST', '100,101,99.01,100');
      const alice = await trader(inner, 'alice');
      assert.equal((await alice.send('POST', '/orders', limit('REST', '1', '95'))).json.state, 'accepted');
      assert.equal((await alice.page('trading')).orders.length, 1);
      assert.equal((await alice.page('trading')).cache, 'HIT');
      /* a candle that opened behind the order */
      inner.stack.moveClock(3 * MINUTE);
      bring(inner.stack, 'REST', '96,97,90,95', 1);
      const page = await until('the page shows the fill', async () => {
        const now = await alice.page('trading');
        return now.trades.length === 1 && now;
      }, 30);
      assert.equal(page.orders.length, 0);
    });
  }],
];
