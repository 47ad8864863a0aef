/*
 * How long after a price came are the stops filled that it reaches? Resting
 * stops of several users at levels below the market, far apart; each round the
 * price falls through a part of them. Two times: from the quote's arrival to
 * the commit (the program's own histogram), and from the exchange's new price
 * to the fill as the database has it, which holds the wait for the next fetch
 * as well. Beside it what rests and is not reached costs nothing: the last
 * round has all orders there and fills one.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { StandIn } from '../e2e/lib/exchange.mjs';
import { People } from '../e2e/lib/people.mjs';
import { Stack, root } from '../e2e/lib/stack.mjs';
import { until } from '../e2e/lib/wait.mjs';

const { values: options } = parseArgs({
  options: {
    server: { type: 'string', default: 'nginx' },
    orders: { type: 'string', default: '1000' },
    users: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '5' },
    programs: { type: 'string', default: join(root, 'build') },
    web: { type: 'string', default: join(root, 'build/web') },
  },
});
const [ORDERS, USERS, ROUNDS] = [options.orders, options.users, options.rounds].map(Number);
const EACH = Math.floor(ORDERS / USERS);
const START = 50000;
const STEP = 10; /* between the levels of one user */

const settings = {
  MARKET_SYMBOLS: 'BTC-USDT=binance:BTCUSDT', MARKET_QUOTE_SECONDS: '1', CACHE_TTL_TRADING: '0', CHECK_REPLIES: 'false',
  RISK_OPEN_ORDERS: '1000', RISK_ORDERS_PER_MINUTE: '100000', PAPER_SPREAD_BP: '0', PAPER_SLIPPAGE_BP: '0',
};

const share = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

async function trader(people, client) {
  const person = await people.make('trader');
  const send = async (method, path, body) => {
    const answer = await client.send(method, `/api/v1${path}`, { token: person.access, body });
    assert.ok(answer.status < 300, answer.text);
    return answer.json;
  };
  await send('PUT', '/risk', { max_open_orders: 1000, orders_per_minute: 100000 });
  return { send };
}

async function place(one) {
  const order = (more) => one.send('POST', '/orders', { symbol: 'BTC-USDT', quantity: '0.0001', ...more });
  const bought = await order({ side: 'buy', type: 'market', quantity: String(EACH / 10000) });
  assert.equal(bought.state, 'filled', JSON.stringify(bought));
  for (let i = 1; i <= EACH; i++) {
    const stop = await order({ side: 'sell', type: 'stop', stop_price: String(START - i * STEP) });
    assert.equal(stop.state, 'accepted', JSON.stringify(stop));
  }
}

const sold = async (traders) => {
  const lists = await Promise.all(traders.map((one) => one.send('GET', '/trades?symbol=BTC-USDT&limit=500')));
  return lists.flatMap((list) => list.data.filter((trade) => trade.side === 'sell'));
};

/* The histogram's buckets between two looks, as [bound, count]. */
function buckets(text) {
  return [...text.matchAll(/^kontor_watch_fill_seconds_bucket\{le="([^"]+)"\} (\d+)$/gm)].map(([, le, n]) => [le, Number(n)]);
}
function quantile(before, after, part) {
  const delta = after.map(([le, n], i) => [le, n - (before[i]?.[1] ?? 0)]);
  const wanted = delta.at(-1)[1] * part;
  return delta.find(([, n]) => n >= wanted)[0];
}

async function measure(stack, exchange) {
  const people = new People(stack);
  const traders = await Promise.all(Array.from({ length: USERS }, () => trader(people, stack.client)));
  await until('a quote', async () => {
    const { data } = await traders[0].send('GET', '/market/quotes?symbols=BTC-USDT');
    return data[0].price && !data[0].stale;
  }, 60);
  await Promise.all(traders.map(place));
  const per = Math.floor(EACH / (ROUNDS + 1));
  console.log(`${ORDERS} resting stops of ${USERS} users; each round the price falls through ${per} of each, in the last through one.\n`);
  console.log('| fills | arrival to commit, p50 <= s | p99 <= s | new price to fill, median ms | slowest ms |\n|---|---|---|---|---|');
  for (let round = 1; round <= ROUNDS + 1; round++) {
    const last = round > ROUNDS;
    const reached = last ? ROUNDS * per + 1 : round * per;
    const before = buckets(stack.kontor('metrics').out);
    const known = (await sold(traders)).length;
    const at = Date.now();
    await exchange.price(String(START - reached * STEP));
    const wanted = USERS * reached;
    const trades = await until('the stops filled', async () => {
      const list = await sold(traders);
      return list.length >= wanted && list;
    }, 60);
    assert.equal(trades.length, wanted);
    const after = await until('the figures count them', () => {
      const now = buckets(stack.kontor('metrics').out);
      return now.at(-1)?.[1] - (before.at(-1)?.[1] ?? 0) >= wanted - known && now;
    });
    const late = trades.map((trade) => Date.parse(trade.time) - at).filter((ms) => ms >= 0).sort((a, b) => a - b);
    console.log(`| ${wanted - known} | ${quantile(before, after, 0.5)} | ${quantile(before, after, 0.99)} | ${share(late, 0.5)} | ${late.at(-1)} |`);
  }
}

const exchange = await new StandIn().start();
const stack = new Stack({ ...options, settings: { ...settings, ...exchange.settings } });
try {
  await exchange.price(String(START));
  await stack.start();
  await measure(stack, exchange);
} finally {
  if (stack.child?.exitCode === null) await stack.stop();
  stack.remove();
  await exchange.end();
}
