/* The stand-in of the exchange (tests/venue/stand_in.mjs) beside a stack: what
   settings name it, and commands. Ends with end(). */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { root } from './stack.mjs';

const RULES = [
  { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000000', tickSize: '0.01' },
  { filterType: 'LOT_SIZE', minQty: '0.00001', maxQty: '9000', stepSize: '0.00001' },
];

export class StandIn {
  async start() {
    this.child = spawn('node', [join(root, 'tests/venue/stand_in.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    Object.assign(this, JSON.parse((await this.lines.next()).value));
    for (const base of ['BTC', 'ETH']) await this.tell({ op: 'symbol', base, quote: 'USDT', filters: RULES });
    return this;
  }

  /* One command; what it answered. */
  async tell(command) {
    this.child.stdin.write(`${JSON.stringify(command)}\n`);
    const answer = JSON.parse((await this.lines.next()).value);
    assert.ok(answer.ok, `${command.op}: ${answer.error}`);
    return answer;
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
