// The exchange's rules, strictly: every parameter known and well-formed, the
// signature over what came, the time within its window, filters, budgets. All
// state is in here; time is whatever `now` says.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { Book, describe, isOpen, isStop } from './book.mjs';
import { format, one, parse, times } from './decimal.mjs';
import { Fault, filter, rejected } from './fault.mjs';

const TYPES = ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT'];
const SIGNED = ['recvWindow', 'timestamp', 'signature'];
const ORDER = ['symbol', 'side', 'type', 'timeInForce', 'quantity', 'quoteOrderQty', 'price', 'stopPrice',
  'trailingDelta', 'newClientOrderId', 'newOrderRespType'];
const LEGS = ['above', 'below'].flatMap((leg) =>
  ['Type', 'ClientOrderId', 'Price', 'StopPrice', 'TimeInForce'].map((name) => leg + name));
const INTERVALS = { '1m': 60_000, '5m': 300_000, '15m': 900_000, '1h': 3_600_000, '1d': 86_400_000 };

const json = (value, headers = {}) => ({ status: 200, headers, body: JSON.stringify(value) });

export class Exchange {
  constructor() {
    this.offset = 0;
    this.fixed = null;
    this.symbols = new Map();
    this.accounts = new Map();
    this.limits = { weight: 6000, tenSeconds: 100, day: 200_000 };
    this.window = { number: -1, used: 0, over: 0 };
    this.bannedUntil = 0;
    this.lastOrder = 0;
    this.placed = 0;
    this.routes = this.#table();
  }

  now() {
    return (this.fixed ?? Date.now()) + this.offset;
  }

  // ---- what a test tells -----------------------------------------------------

  addSymbol({ base, quote, filters, orderTypes = TYPES, status = 'TRADING' }) {
    const lot = filters.find((f) => f.filterType === 'LOT_SIZE');
    this.symbols.set(base + quote, {
      name: base + quote, base, quote, filters, orderTypes, status,
      step: lot ? parse(lot.stepSize) || 1n : 1n, price: { bid: 0n, ask: 0n, last: 0n },
      history: { since: 0, until: Infinity, holes: [], walks: false, corrections: {} },
    });
  }

  /** since, until: candles that there are; holes: [[from, to]] without any; walks: closes that differ; corrections: {t: close} */
  setHistory({ symbol, since, until, holes, walks, corrections }) {
    const told = Object.entries({ since, until, holes, walks, corrections }).filter(([, value]) => value !== undefined);
    Object.assign(this.symbols.get(symbol).history, Object.fromEntries(told));
  }

  setPrice({ symbol, bid, ask, last }) {
    const found = this.symbols.get(symbol);
    found.price = { bid: parse(bid), ask: parse(ask), last: parse(last ?? bid) };
    for (const account of this.accounts.values()) account.book.tick(found, found.price, this.now());
  }

  addAccount({ key, secret, balances, rights = {} }) {
    const amounts = Object.entries(balances).map(([asset, text]) => [asset, parse(text)]);
    this.accounts.set(key, {
      key, secret, rights, book: new Book(Object.fromEntries(amounts)),
      ten: { number: -1, count: 0 }, day: { number: -1, count: 0 },
    });
  }

  // ---- requests -----------------------------------------------------------------

  /** {method, path, query, body, headers} -> {status, headers, body} */
  answer(request) {
    const headers = {};
    try {
      const route = this.routes[`${request.method} ${request.path}`];
      if (!route) throw new Fault(-1000, 'Not found.', 404);
      this.#weigh(route.weight, headers);
      const words = this.#words(request, route);
      const account = route.signed ? this.#authenticate(request, words) : null;
      const reply = route.run(words, account);
      return { ...reply, headers: { ...headers, ...reply.headers } };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const reply = error.answer();
      return { ...reply, headers: { ...headers, ...reply.headers } };
    }
  }

  #weigh(weight, headers) {
    const now = this.now();
    const number = Math.floor(now / 60_000);
    if (this.bannedUntil > now)
      throw new Fault(-1003, 'Way too much request weight used; IP banned.', 418,
        { 'Retry-After': String(Math.ceil((this.bannedUntil - now) / 1000)) });
    if (number !== this.window.number) this.window = { number, used: 0, over: 0 };
    this.window.used += weight;
    headers['X-MBX-USED-WEIGHT-1M'] = String(this.window.used);
    headers['X-MBX-USED-WEIGHT'] = String(this.window.used);
    if (this.window.used <= this.limits.weight) return;
    if (++this.window.over > 5) {
      this.bannedUntil = now + 120_000;
      throw new Fault(-1003, 'Way too much request weight used; IP banned.', 418, { ...headers, 'Retry-After': '120' });
    }
    const left = Math.ceil(((number + 1) * 60_000 - now) / 1000);
    throw new Fault(-1003, 'Too much request weight used.', 429, { ...headers, 'Retry-After': String(left) });
  }

  #words(request, route) {
    const words = {};
    for (const raw of [request.query, request.body]) {
      if (!/^[A-Za-z0-9\-_.~%=&]*$/.test(raw)) throw new Fault(-1022, 'Signature for this request is not valid.');
      for (const pair of raw ? raw.split('&') : []) {
        const [name, value = ''] = pair.split('=');
        const text = decodeURIComponent(value);
        if (name in words) throw new Fault(-1101, `Duplicate values for parameter '${name}' detected.`);
        if (text === '') throw new Fault(-1105, `Parameter '${name}' was empty.`);
        words[name] = text;
      }
    }
    const known = [...route.takes, ...(route.signed ? SIGNED : [])];
    const read = Object.keys(words).filter((name) => known.includes(name)).length;
    if (read !== Object.keys(words).length)
      throw new Fault(-1104, `Not all sent parameters were read; read '${read}' parameter(s) but was sent '${
        Object.keys(words).length}'.`);
    return words;
  }

  #authenticate(request, words) {
    const key = request.headers['x-mbx-apikey'];
    if (!key) throw new Fault(-2014, 'API-key format invalid.', 401);
    const account = this.accounts.get(key);
    if (!account) throw new Fault(-2015, 'Invalid API-key, IP, or permissions for action.', 401);
    for (const name of ['timestamp', 'signature'])
      if (!(name in words)) throw new Fault(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
    const parts = /^(.*)&signature=([0-9a-f]{64})$/.exec(request.query + request.body);
    const wanted = parts && createHmac('sha256', account.secret).update(parts[1]).digest();
    if (!parts || !timingSafeEqual(wanted, Buffer.from(parts[2], 'hex')))
      throw new Fault(-1022, 'Signature for this request is not valid.');
    this.#checkTime(words);
    return account;
  }

  #checkTime({ timestamp, recvWindow = '5000' }) {
    if (!/^\d{1,16}$/.test(timestamp) || !/^\d{1,5}$/.test(recvWindow) || Number(recvWindow) > 60_000)
      throw new Fault(-1131, 'recvWindow must be less than 60000');
    const age = this.now() - Number(timestamp);
    if (age <= -1000) throw new Fault(-1021, "Timestamp for this request was 1000ms ahead of the server's time.");
    if (age > Number(recvWindow)) throw new Fault(-1021, 'Timestamp for this request is outside of the recvWindow.');
  }

  // ---- orders ----------------------------------------------------------------------

  #symbol(words) {
    if (!words.symbol) throw new Fault(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.");
    const symbol = this.symbols.get(words.symbol);
    if (!symbol) throw new Fault(-1121, 'Invalid symbol.');
    return symbol;
  }

  #amount(words, name, required) {
    if (!(name in words)) {
      if (required) throw new Fault(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
      return 0n;
    }
    const units = parse(words[name]);
    if (units === null) throw new Fault(-1100, `Illegal characters found in parameter '${name}'.`);
    return units;
  }

  #order(symbol, words) {
    const type = words.type;
    const limit = /LIMIT/.test(type);
    const stop = /STOP|PROFIT/.test(type);
    if (!TYPES.includes(type) || !symbol.orderTypes.includes(type)) throw new Fault(-1116, 'Invalid orderType.');
    if (!['BUY', 'SELL'].includes(words.side)) throw new Fault(-1117, 'Invalid side.');
    const lives = limit && type !== 'LIMIT_MAKER';
    if (lives !== 'timeInForce' in words) throw new Fault(-1102, "Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed.");
    if (lives && !['GTC', 'IOC', 'FOK'].includes(words.timeInForce)) throw new Fault(-1115, 'Invalid timeInForce.');
    if (!limit && 'price' in words) throw new Fault(-1106, "Parameter 'price' sent when not required.");
    if (!stop && ('stopPrice' in words || 'trailingDelta' in words)) throw new Fault(-1106, "Parameter 'stopPrice' sent when not required.");
    if (!/^[A-Za-z0-9\-_]{1,36}$/.test(words.newClientOrderId ?? '')) throw new Fault(-1100, "Illegal characters found in parameter 'newClientOrderId'.");
    const byQuote = 'quoteOrderQty' in words;
    if (byQuote && (type !== 'MARKET' || 'quantity' in words)) throw new Fault(-1106, "Parameter 'quoteOrderQty' sent when not required.");
    const order = {
      symbol, type, side: words.side, life: words.timeInForce ?? 'GTC', clientId: words.newClientOrderId,
      qty: this.#amount(words, 'quantity', !byQuote), quoteQty: this.#amount(words, 'quoteOrderQty', byQuote),
      price: this.#amount(words, 'price', limit), trailing: Number(words.trailingDelta ?? 0),
      stop: this.#amount(words, 'stopPrice', stop && !('trailingDelta' in words)),
      status: 'NEW', filled: 0n, filledQuote: 0n, id: 0, time: this.now(), updated: this.now(), list: null,
    };
    this.#filter(order);
    return order;
  }

  #filter(order) {
    const { symbol } = order;
    if (symbol.status !== 'TRADING') throw new Fault(-1013, 'Market is closed.');
    const market = !/LIMIT/.test(order.type);
    const price = market ? symbol.price.last : order.price;
    const value = order.quoteQty || times(price, order.qty);
    const isIn = (v, min, max, step) =>
      v >= parse(min) && (parse(max) === 0n || v <= parse(max)) && (parse(step) === 0n || v % parse(step) === 0n);
    for (const f of symbol.filters) {
      const bad = {
        PRICE_FILTER: () => [order.price, order.stop].some((p) => p && !isIn(p, f.minPrice, f.maxPrice, f.tickSize)),
        LOT_SIZE: () => !order.quoteQty && !isIn(order.qty, f.minQty, f.maxQty, f.stepSize),
        MARKET_LOT_SIZE: () => market && !order.quoteQty && !isIn(order.qty, f.minQty, f.maxQty, f.stepSize),
        NOTIONAL: () => ((!market || f.applyMinToMarket) && value < parse(f.minNotional))
          || ((!market || f.applyMaxToMarket) && value > parse(f.maxNotional)),
        PERCENT_PRICE_BY_SIDE: () => {
          const side = order.side === 'BUY' ? 'bid' : 'ask';
          return !market && (price > times(symbol.price.last, parse(f[`${side}MultiplierUp`]))
            || price < times(symbol.price.last, parse(f[`${side}MultiplierDown`])));
        },
      }[f.filterType];
      if (bad?.()) throw filter(f.filterType);
    }
  }

  #count(account, headers) {
    const now = this.now();
    for (const [name, ms] of [['ten', 10_000], ['day', 86_400_000]]) {
      const number = Math.floor(now / ms);
      if (account[name].number !== number) account[name] = { number, count: 0 };
    }
    if (account.ten.count >= this.limits.tenSeconds || account.day.count >= this.limits.day)
      throw new Fault(-1015, 'Too many new orders.', 429);
    account.ten.count++;
    account.day.count++;
    headers['X-MBX-ORDER-COUNT-10S'] = String(account.ten.count);
    headers['X-MBX-ORDER-COUNT-1D'] = String(account.day.count);
  }

  /** As the exchange has it: an id is free again once its order is done. */
  #place(account, orders) {
    const { symbol } = orders[0];
    const open = account.book.orders.filter((o) => o.symbol === symbol && isOpen(o));
    for (const order of orders)
      if (open.some((o) => o.clientId === order.clientId)) throw rejected('Duplicate order sent.');
    const most = (name, member) => symbol.filters.find((f) => f.filterType === name)?.[member] ?? Infinity;
    if (open.length + orders.length > most('MAX_NUM_ORDERS', 'maxNumOrders')) throw filter('MAX_NUM_ORDERS');
    if ([...open, ...orders].filter(isStop).length > most('MAX_NUM_ALGO_ORDERS', 'maxNumAlgoOrders'))
      throw filter('MAX_NUM_ALGO_ORDERS');
    account.book.place(orders, symbol.price, this.now());
    for (const order of orders) order.id = ++this.lastOrder;
    this.placed += orders.length;
  }

  #newOrder(words, account) {
    const headers = {};
    const order = this.#order(this.#symbol(words), words);
    this.#count(account, headers);
    this.#place(account, [order]);
    return json({ ...describe(order), transactTime: this.now() }, headers);
  }

  #newPair(words, account) {
    const headers = {};
    const symbol = this.#symbol(words);
    const list = { id: this.lastOrder + 1, clientId: words.listClientOrderId };
    const legs = ['above', 'below'].map((leg) => {
      const own = { side: words.side, quantity: words.quantity, type: words[`${leg}Type`],
        newClientOrderId: words[`${leg}ClientOrderId`] };
      for (const [ours, theirs] of [['price', 'Price'], ['stopPrice', 'StopPrice'], ['timeInForce', 'TimeInForce']])
        if (leg + theirs in words) own[ours] = words[leg + theirs];
      return { ...this.#order(symbol, own), list };
    });
    const maker = words.side === 'SELL' ? 0 : 1;
    if (legs[maker].type !== 'LIMIT_MAKER' || !legs[1 - maker].type.startsWith('STOP_LOSS'))
      throw new Fault(-1158, 'OCO orders cannot be of these types.');
    this.#count(account, headers);
    this.#place(account, legs);
    const rows = legs.map((order) => ({ symbol: symbol.name, orderId: order.id, clientOrderId: order.clientId }));
    return json({ ...this.#list(list, symbol), orders: rows,
      orderReports: legs.map((o) => ({ ...describe(o), transactTime: this.now() })) }, headers);
  }

  #list(list, symbol) {
    return { orderListId: list.id, contingencyType: 'OCO', listStatusType: 'EXEC_STARTED', listOrderStatus: 'EXECUTING',
      listClientOrderId: list.clientId, transactionTime: this.now(), symbol: symbol.name };
  }

  #find(account, words, fault) {
    const symbol = this.#symbol(words);
    const found = account.book.orders.findLast((o) => o.symbol === symbol
      && (o.clientId === words.origClientOrderId || String(o.id) === words.orderId));
    if (!found) throw fault;
    return found;
  }

  #cancel(words, account) {
    const unknown = new Fault(-2011, 'Unknown order sent.');
    const order = this.#find(account, words, unknown);
    if (!isOpen(order)) throw unknown;
    const touched = account.book.cancel(order, this.now());
    const reports = touched.map((o) => ({ ...describe(o), origClientOrderId: o.clientId,
      clientOrderId: `cancel${o.id}`, transactTime: this.now() }));
    return json(order.list ? { ...this.#list(order.list, order.symbol), orderReports: reports } : reports[0]);
  }

  // ---- the rest ----------------------------------------------------------------------

  #info(words) {
    const names = words.symbols ? JSON.parse(words.symbols) : [words.symbol];
    const rows = names.map((name) => {
      const { base, quote, filters, orderTypes, status } = this.#symbol({ symbol: name });
      return { symbol: name, status, baseAsset: base, quoteAsset: quote, orderTypes, ocoAllowed: true,
        allowTrailingStop: true, filters };
    });
    const limit = (rateLimitType, interval, intervalNum, most) => ({ rateLimitType, interval, intervalNum, limit: most });
    return json({ timezone: 'UTC', serverTime: this.now(), exchangeFilters: [], symbols: rows,
      rateLimits: [limit('REQUEST_WEIGHT', 'MINUTE', 1, this.limits.weight),
        limit('ORDERS', 'SECOND', 10, this.limits.tenSeconds), limit('ORDERS', 'DAY', 1, this.limits.day)] });
  }

  /** Of one symbol, or the rows of a list. */
  #each(words, row) {
    if (!words.symbols) return row(this.#symbol(words));
    return JSON.parse(words.symbols).map((symbol) => row(this.#symbol({ symbol })));
  }

  #candles(words) {
    const symbol = this.#symbol(words);
    const step = INTERVALS[words.interval];
    if (!step) throw new Fault(-1120, 'Invalid interval.');
    const from = Number(words.startTime ?? 0);
    const end = Number(words.endTime ?? this.now());
    const { since, until, holes, walks, corrections } = symbol.history;
    const limit = Number(words.limit ?? 500);
    if (!(limit >= 1 && limit <= 1000)) throw new Fault(-1100, "Illegal characters found in parameter 'limit'.");
    const rows = [];
    const first = Math.ceil(Math.max(from, since) / step) * step;
    for (let t = first; t <= Math.min(end, until, this.now()) && rows.length < limit; t += step) {
      if (holes.some(([a, b]) => t >= a && t < b)) continue;
      const price = corrections[t] ?? format(walks ? one * BigInt(100 + t / step % 89) : symbol.price.last);
      rows.push([t, price, price, price, price, '1.00000000', t + step - 1, price, 1, '0.5', '0.5', '0']);
    }
    return json(rows);
  }

  #account({ omitZeroBalances }, { book, rights }) {
    const assets = [...new Set([...book.free.keys(), ...book.locked.keys()])];
    const rows = assets.map((asset) => {
      const { free, locked } = book.balance(asset);
      return { asset, free: format(free), locked: format(locked), any: free !== 0n || locked !== 0n };
    }).filter((row) => omitZeroBalances !== 'true' || row.any);
    return json({ canTrade: rights.canTrade ?? true, canWithdraw: true, canDeposit: true, accountType: 'SPOT',
      balances: rows.map(({ any, ...row }) => row) });
  }

  #restrictions(account) {
    return json({ ipRestrict: false, enableReading: true, enableWithdrawals: false, enableInternalTransfer: false,
      enableSpotAndMarginTrading: true, ...account.rights });
  }

  #trades(words, account) {
    const symbol = this.#symbol(words);
    return json(account.book.fills.filter((f) => f.order.symbol === symbol
      && (!words.orderId || String(f.order.id) === words.orderId)).map((f) => ({
      symbol: symbol.name, id: f.id, orderId: f.order.id, price: format(f.price), qty: format(f.qty),
      quoteQty: format(times(f.price, f.qty)), commission: format(f.fee), commissionAsset: f.gained, time: f.now,
      isBuyer: f.order.side === 'BUY', isMaker: f.maker, isBestMatch: true,
    })));
  }

  #table() {
    const row = (weight, takes, run, signed = false) => ({ weight, takes, run, signed });
    const times4 = (o) => ({ ...describe(o), time: o.time, updateTime: o.updated, isWorking: true });
    const missing = () => new Fault(-2013, 'Order does not exist.');
    return {
      'GET /api/v3/time': row(1, [], () => json({ serverTime: this.now() })),
      'GET /api/v3/exchangeInfo': row(20, ['symbol', 'symbols', 'showPermissionSets'], (w) => this.#info(w)),
      'GET /api/v3/klines': row(2, ['symbol', 'interval', 'startTime', 'endTime', 'limit'], (w) => this.#candles(w)),
      'GET /api/v3/ticker/price': row(4, ['symbol', 'symbols'], (w) => json(this.#each(w, (s) => (
        { symbol: s.name, price: format(s.price.last) })))),
      'GET /api/v3/ticker/bookTicker': row(4, ['symbol', 'symbols'], (w) => json(this.#each(w, (s) => (
        { symbol: s.name, bidPrice: format(s.price.bid), bidQty: format(one), askPrice: format(s.price.ask),
          askQty: format(one) })))),
      'GET /api/v3/account': row(20, ['omitZeroBalances'], (w, a) => this.#account(w, a), true),
      'GET /sapi/v1/account/apiRestrictions': row(1, [], (w, a) => this.#restrictions(a), true),
      'POST /api/v3/order': row(1, ORDER, (w, a) => this.#newOrder(w, a), true),
      'POST /api/v3/order/test': row(1, ORDER, (w) => {
        this.#order(this.#symbol(w), w);
        return json({});
      }, true),
      'POST /api/v3/orderList/oco': row(1, ['symbol', 'side', 'quantity', 'listClientOrderId', 'newOrderRespType', ...LEGS],
        (w, a) => this.#newPair(w, a), true),
      'DELETE /api/v3/order': row(1, ['symbol', 'origClientOrderId', 'orderId'], (w, a) => this.#cancel(w, a), true),
      'GET /api/v3/order': row(4, ['symbol', 'origClientOrderId', 'orderId'],
        (w, a) => json(times4(this.#find(a, w, missing()))), true),
      'GET /api/v3/openOrders': row(6, ['symbol'], (w, a) => {
        const symbol = this.#symbol(w);
        return json(a.book.orders.filter((o) => o.symbol === symbol && isOpen(o)).map(times4));
      }, true),
      'GET /api/v3/myTrades': row(5, ['symbol', 'orderId', 'limit'], (w, a) => this.#trades(w, a), true),
    };
  }
}
