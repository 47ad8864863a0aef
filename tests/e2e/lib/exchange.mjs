/* The stand-in of the exchange (tests/venue/stand_in.mjs) as a process beside a
   stack: what settings name it, and commands. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { root } from './stack.mjs';

/* The rules of one symbol, as the real one had them in 2026. */
const RULES = [
  { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000000', tickSize: '0.01' },
  { filterType: 'LOT_SIZE', minQty: '0.00001', maxQty: '9000', stepSize: '0.00001' },
  { filterType: 'NOTIONAL', minNotional: '5', applyMinToMarket: true, maxNotional: '9000000', applyMaxToMarket: false, avgPriceMins: 5 },
  { filterType: 'MAX_NUM_ORDERS', maxNumOrders: 200 },
  { filterType: 'MAX_NUM_ALGO_ORDERS', maxNumAlgoOrders: 5 },
];

/* What it says of prices and candles. */
export class StandIn {
  async start() {
    this.child = spawn('node', [join(root, 'tests/venue/stand_in.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    Object.assign(this, await this.#read());
    for (const base of ['BTC', 'ETH']) await this.tell({ op: 'symbol', base, quote: 'USDT', filters: RULES });
    return this;
  }

  async #read() {
    return JSON.parse((await this.lines.next()).value);
  }

  /* One command; what it answered. One after the other: each answer is a line. */
  tell(command) {
    this.last = (this.last ?? Promise.resolve()).then(async () => {
      this.child.stdin.write(`${JSON.stringify(command)}\n`);
      const answer = await this.#read();
      assert.ok(answer.ok, `${JSON.stringify(command)}: ${answer.error}`);
      return answer;
    });
    return this.last;
  }

  price(last, symbol = 'BTCUSDT') {
    return this.tell({ op: 'price', symbol, bid: last, ask: last, last });
  }

  get settings() {
    const url = `http://127.0.0.1:${this.port}`;
    return { BINANCE_MARKET_URL: url, COINGECKO_URL: url, OUTBOUND_LOOPBACK: 'true' };
  }

  async end() {
    const over = new Promise((done) => this.child.on('exit', done));
    this.child.stdin.end();
    await over;
  }
}

/* And of accounts and orders. */
export class Exchange extends StandIn {
  async start() {
    await super.start();
    await this.book('50000', '50001');
    return this;
  }

  book(bid, ask) {
    return this.tell({ op: 'price', symbol: 'BTCUSDT', bid, ask, last: bid });
  }

  /* An account there: its keys. */
  async account({ balances = { USDT: '10000', BTC: '1' }, rights = {} } = {}) {
    const keys = { key: `key${randomBytes(16).toString('hex')}`, secret: `secret${randomBytes(16).toString('hex')}` };
    await this.tell({ op: 'account', ...keys, balances, rights });
    return keys;
  }

  async orders({ key }) {
    return (await this.tell({ op: 'orders', key })).orders;
  }

  get settings() {
    return {
      ...super.settings, LIVE_TRADING: 'true', BINANCE_URL: `http://127.0.0.1:${this.port}`,
      LIVE_POLL_SECONDS: '1', LIVE_COMPARE_SECONDS: '10', OUTBOUND_MS: '1500',
    };
  }
}
