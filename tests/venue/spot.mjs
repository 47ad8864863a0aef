// CoinGecko's simple price, as strict as the rest: known parameters, its key
// where one is set, so many calls a minute.

const PATH = '/api/v3/simple/price';
const TAKES = ['ids', 'vs_currencies', 'include_last_updated_at', 'precision'];

const reply = (status, value, headers = {}) => ({ status, headers, body: JSON.stringify(value) });
const failed = (status, message, headers) => reply(status, { status: { error_code: status, error_message: message } }, headers);

export class Spot {
  constructor(now) {
    this.now = now;
    this.assets = new Map();
    this.key = null;
    this.most = 30;
    this.window = { number: -1, count: 0 };
  }

  /** prices: {"usd": "1234.5e-2"}, as written in the answer; null: the asset is gone */
  tell({ id, prices, at, key, most }) {
    if (key !== undefined) this.key = key;
    if (most !== undefined) this.most = most;
    if (id && prices) this.assets.set(id, { prices, at });
    if (id && prices === null) this.assets.delete(id);
  }

  knows({ path }) {
    return path === PATH;
  }

  answer({ method, query, headers }) {
    if (method !== 'GET') return failed(405, 'method not allowed');
    const number = Math.floor(this.now() / 60_000);
    if (number !== this.window.number) this.window = { number, count: 0 };
    if (++this.window.count > this.most) return failed(429, 'rate limit', { 'Retry-After': '30' });
    if (this.key !== null && headers['x-cg-demo-api-key'] !== this.key) return failed(401, 'API key missing');
    const words = new URLSearchParams(query);
    const unknown = [...words.keys()].filter((name) => !TAKES.includes(name) || words.getAll(name).length !== 1);
    if (unknown.length) return failed(400, `bad parameters: ${unknown}`);
    if (!words.get('ids') || !words.get('vs_currencies')) return failed(422, 'Missing parameter vs_currencies');
    const rows = words.get('ids').split(',').filter((id) => this.assets.has(id)).map((id) => this.#row(id, words));
    return { status: 200, headers: {}, body: `{${rows.join(',')}}` };
  }

  #row(id, words) {
    const { prices, at } = this.assets.get(id);
    const cells = words.get('vs_currencies').split(',').filter((c) => c in prices).map((c) => `"${c}":${prices[c]}`);
    const time = Math.floor((at ?? this.now()) / 1000);
    if (words.get('include_last_updated_at') === 'true') cells.push(`"last_updated_at":${time}`);
    return `${JSON.stringify(id)}:{${cells.join(',')}}`;
  }
}
