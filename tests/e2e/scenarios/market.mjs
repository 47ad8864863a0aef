/* Market data as it is fetched: prices move and a resting stop fills, a source
   that is down, and kill -9 in the middle of history. Each on a stack of its
   own, against the stand-in of the exchange over loopback. */
import assert from 'node:assert/strict';
import { StandIn } from '../lib/exchange.mjs';
import { until } from '../lib/wait.mjs';
import { withStack } from '../lib/own.mjs';

const MINUTE = 60_000;
const TICKER = '/api/v3/ticker/price';

async function withMarket(context, settings, work) {
  const exchange = await new StandIn().start();
  try {
    await exchange.price('50000');
    await exchange.price('2345.5', 'ETHUSDT');
    await exchange.tell({ op: 'spot', id: 'ethereum', prices: { usd: '2345.67' } });
    await exchange.tell({ op: 'spot', id: 'tether', prices: { usd: '0.999', eur: '0.9' } });
    await exchange.tell({ op: 'history', symbol: 'BTCUSDT', walks: false });
    return await withStack(context, { settings: { ...exchange.settings, ...settings } },
      (inner) => work({ ...inner, exchange }));
  } finally {
    await exchange.end();
  }
}

const trader = async ({ client, people }) => {
  const person = await people.make('trader');
  person.send = (method, path, body) => client.send(method, `/api/v1${path}`, { token: person.access, body });
  person.quote = async (symbol) => (await person.send('GET', `/market/quotes?symbols=${symbol}`)).json.data?.[0];
  person.symbol = async (name) => (await person.send('GET', '/market/symbols')).json.data.find((s) => s.symbol === name);
  return person;
};
const fresh = (person, symbol) => until(`a fresh quote of ${symbol}`, async () => {
  const quote = await person.quote(symbol);
  return quote?.price && !quote.stale && quote;
}, 60);
const lane = (stack, name) => stack.processes((words) => words.includes('--lane') && words.at(-1).startsWith(`${name}:`));

const SETTINGS = {
  MARKET_SYMBOLS: 'BTC-USDT=binance:BTCUSDT:1m ETH-USDT=binance:ETHUSDT ETH-USD=coingecko:ethereum', MARKET_QUOTE_SECONDS: '1', MARKET_SPOT_SECONDS: '10',
  MARKET_STALE_SECONDS: '5', MARKET_HISTORY_DAYS: '1', CACHE_TTL_TRADING: '0', CACHE_TTL_MARKET: '0',
};

export const tests = [
  ['prices move and a resting stop fills; a source that is down makes prices stale', (context) => withMarket(context, SETTINGS, async (inner) => {
    const { stack, exchange } = inner;
    const alice = await trader(inner);
    assert.equal((await alice.send('PATCH', '/settings', { currency: 'EUR' })).status, 200);
    assert.equal((await fresh(alice, 'BTC-USDT')).source, 'binance');
    const spot = await fresh(alice, 'ETH-USD');
    assert.equal(spot.price, '2345.67');
    assert.equal(spot.source, 'coingecko');
    await until('candles came', async () => (await alice.symbol('BTC-USDT')).series?.[0]?.candles > 1000);
    const bought = await alice.send('POST', '/orders', { symbol: 'BTC-USDT', side: 'buy', type: 'market', quantity: '0.01' });
    assert.equal(bought.json.state, 'filled', bought.text);
    const stop = await alice.send('POST', '/orders',
      { symbol: 'BTC-USDT', side: 'sell', type: 'stop', quantity: '0.01', stop_price: '49000' });
    assert.equal(stop.json.state, 'accepted', stop.text);
    await exchange.price('49500');
    await until('the price is seen', async () => (await alice.quote('BTC-USDT')).price === '49500');
    assert.equal((await alice.send('GET', `/orders/${stop.json.id}`)).json.state, 'accepted');
    await exchange.price('48000');
    const filled = await until('the stop fills', async () => {
      const { json } = await alice.send('GET', `/orders/${stop.json.id}`);
      return json.state === 'filled' && json;
    });
    assert.ok(Math.abs(Number(filled.average_price) - 48000) < 200, filled.average_price);
    const figures = stack.kontor('metrics').out;
    assert.match(figures, /^kontor_watch_fill_seconds_count [1-9]/m);
    assert.match(figures, /^kontor_market_calls_total\{source="binance",result="ok"\} [1-9]/m);
    assert.match(figures, /^kontor_venue_request_seconds_count\{venue="binance",kind="market"\} [1-9]/m);
    assert.match(figures, /^kontor_venue_request_seconds_count\{venue="coingecko",kind="market"\} [1-9]/m);

    for (const path of [TICKER, '/api/v3/klines'])
      await exchange.tell({ op: 'plan', method: 'GET', path, do: 'drop_before', times: 1_000_000 });
    /* what has no candles is stale at once; a candle is one for two minutes more */
    await until('the price grows stale', async () => (await alice.quote('ETH-USDT')).stale);
    assert.match(stack.kontor('metrics').out, /^kontor_venue_errors_total\{venue="binance",error="connection"\} [1-9]/m);
    for (const name of ['BTC-USDT', 'ETH-USDT']) {
      const shown = await alice.symbol(name);
      assert.ok(shown.stale && shown.last_error, JSON.stringify(shown));
    }
    const denied = await alice.send('POST', '/orders', { symbol: 'ETH-USDT', side: 'buy', type: 'market', quantity: '0.01' });
    assert.equal(denied.json.reason, 'stale_price', denied.text);
    assert.ok(!(await alice.quote('ETH-USD')).stale, 'the other source goes on');
    /* what a user's currency needs was fetched meanwhile, and is no symbol */
    const [total] = await until('a total in euros', async () => {
      const { totals } = (await alice.send('GET', '/portfolio')).json;
      return totals[0].equity !== null && totals;
    });
    const [{ asset, equity, rate, legs }] = total.assets;
    assert.deepEqual([asset, rate, legs.length, legs[0].symbol, legs[0].source], ['USDT', '0.9', 1, 'USDT-EUR', 'coingecko']);
    assert.ok(Math.abs(Number(total.equity) - 0.9 * Number(equity)) < 1e-6, JSON.stringify(total));
    assert.equal(await alice.symbol('USDT-EUR'), undefined);
    const traded = await alice.send('POST', '/orders', { symbol: 'USDT-EUR', side: 'buy', type: 'market', quantity: '1' });
    assert.equal(traded.status, 400, traded.text);
    await exchange.tell({ op: 'clear' });
    await fresh(alice, 'ETH-USDT');
    assert.equal((await alice.symbol('ETH-USDT')).last_error, null);
  })],
  ['kill -9 in the middle of history: no candle is missing, none is double', (context) => withMarket(context,
    { ...SETTINGS, MARKET_HISTORY_DAYS: '14' }, async (inner) => {
      const { stack, exchange } = inner;
      const alice = await trader(inner);
      await exchange.tell({ op: 'history', symbol: 'BTCUSDT', walks: true });
      for (const wait of [150, 400, 50]) {
        const [pid] = await until('the lane of the market runs', () => {
          const pids = lane(stack, 'market');
          return pids.length === 1 && pids;
        });
        await new Promise((done) => setTimeout(done, wait));
        process.kill(pid, 'SIGKILL');
        await until('it is gone', () => !lane(stack, 'market').includes(pid));
      }
      stack.processes((words) => words.at(-1) === 'work').forEach((pid) => process.kill(pid, 'SIGKILL'));
      const total = 14 * 24 * 60;
      const series = await until('all of it is there', async () => {
        const found = (await alice.symbol('BTC-USDT'))?.series?.[0];
        return found && found.candles >= total - 2 && found;
      }, 120);
      const [first, last] = [Date.parse(series.first), Date.parse(series.last)];
      assert.equal(series.candles, (last - first) / MINUTE + 1, 'each minute once');
      let seen = 0;
      for (let to = last + MINUTE; to > first; to -= 5000 * MINUTE) {
        const { json } = await alice.send('GET',
          `/market/candles?symbol=BTC-USDT&interval=1m&limit=5000&to=${new Date(to).toISOString()}`);
        json.data.forEach((candle, i) => {
          const t = Date.parse(candle.t);
          assert.equal(t, to - (json.data.length - i) * MINUTE);
          /* of before the first kill the walk may not have begun */
          assert.ok(Number(candle.c) === 100 + (t / MINUTE) % 89 || Number(candle.c) === 50000, JSON.stringify(candle));
        });
        seen += json.data.length;
      }
      assert.equal(seen, series.candles);
      return `${seen} candles`;
    })],
  ['the desk goes on when its process is killed', (context) => withMarket(context, SETTINGS, async (inner) => {
    const { stack, exchange } = inner;
    const alice = await trader(inner);
    await fresh(alice, 'BTC-USDT');
    await alice.send('POST', '/orders', { symbol: 'BTC-USDT', side: 'buy', type: 'market', quantity: '0.01' });
    const stop = await alice.send('POST', '/orders',
      { symbol: 'BTC-USDT', side: 'sell', type: 'stop', quantity: '0.01', stop_price: '49000' });
    const [pid] = lane(stack, 'desk');
    process.kill(pid, 'SIGKILL');
    await exchange.price('48000');
    await until('the stop fills all the same', async () =>
      (await alice.send('GET', `/orders/${stop.json.id}`)).json.state === 'filled');
    assert.notEqual(lane(stack, 'desk')[0], pid);
    const { json: trades } = await alice.send('GET', '/trades?symbol=BTC-USDT');
    assert.equal(trades.data.length, 2);
  })],
  ['what cannot be fetched is told at the start', (context) => withStack(context, {}, async ({ stack }) => {
    for (const [settings, words] of [
      [{ MARKET_SYMBOLS: 'BTC-USDT=binance:BTCUSDT:7m' }, /MARKET_SYMBOLS.*BTC-USDT=binance:BTCUSDT:7m: the interval/s],
      [{ MARKET_SYMBOLS: 'BTC-USDT=binance:BTCUSDT:1m', BINANCE_MARKET_URL: 'https://exchange.example' }, /exchange\.example is not on the list/],
      [{ ENVIRONMENT: 'production', CHECK_REPLIES: '', OUTBOUND_LOOPBACK: 'true' }, /OUTBOUND_LOOPBACK/],
    ]) {
      stack.settings = settings;
      const done = stack.kontor('work', '--once');
      assert.notEqual(done.code, 0);
      assert.match(done.out + done.err, words);
    }
    stack.settings = {};
  })],
];
