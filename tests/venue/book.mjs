// Orders and balances of one account, matched in full against prices that the
// test tells. What an order may spend is locked while it is open; the legs of
// a pair share one lock.

import { format, one, over, times } from './decimal.mjs';
import { rejected } from './fault.mjs';

const FEE = one / 1000n;
const open = new Set(['NEW', 'PARTIALLY_FILLED']);

export const isOpen = (order) => open.has(order.status);
export const isStop = (order) => /STOP|PROFIT/.test(order.type);
const isMarket = (order) => !/LIMIT/.test(order.type);
const buys = (order) => order.side === 'BUY';

export class Book {
  constructor(balances) {
    this.free = new Map(Object.entries(balances));
    this.locked = new Map();
    this.orders = [];
    this.fills = [];
  }

  balance(asset) {
    return { free: this.free.get(asset) ?? 0n, locked: this.locked.get(asset) ?? 0n };
  }

  #move(map, asset, amount) {
    map.set(asset, (map.get(asset) ?? 0n) + amount);
  }

  /** What an order could spend at most. */
  #need(order, price) {
    if (!buys(order)) return order.qty;
    if (order.quoteQty) return order.quoteQty;
    return times(order.qty, order.price || order.stop || price.ask);
  }

  #lock(orders, price) {
    const asset = buys(orders[0]) ? orders[0].symbol.quote : orders[0].symbol.base;
    const amount = orders.map((o) => this.#need(o, price)).reduce((a, b) => (a > b ? a : b));
    if (this.balance(asset).free < amount)
      throw rejected('Account has insufficient balance for requested action.');
    const lock = { asset, amount };
    this.#move(this.free, asset, -amount);
    this.#move(this.locked, asset, amount);
    for (const order of orders) order.lock = lock;
  }

  #unlock(order) {
    this.#move(this.locked, order.lock.asset, -order.lock.amount);
    this.#move(this.free, order.lock.asset, order.lock.amount);
    order.lock.amount = 0n;
  }

  /** Takes part of the lock, gives the other asset less the fee. */
  fill(order, qty, price, now, maker) {
    const quote = times(qty, price);
    const [spent, got] = buys(order) ? [quote, qty] : [qty, quote];
    const gained = buys(order) ? order.symbol.base : order.symbol.quote;
    const fee = times(got, FEE);
    const fromLock = spent < order.lock.amount ? spent : order.lock.amount;
    order.lock.amount -= fromLock;
    this.#move(this.locked, order.lock.asset, -fromLock);
    this.#move(this.free, order.lock.asset, fromLock - spent);
    this.#move(this.free, gained, got - fee);
    order.filled += qty;
    order.filledQuote += quote;
    order.updated = now;
    order.status = order.filled === order.qty ? 'FILLED' : 'PARTIALLY_FILLED';
    this.fills.push({ order, id: this.fills.length + 1, qty, price, fee, gained, now, maker });
    if (order.status === 'FILLED') this.#end(order, 'FILLED', now);
    else if (order.list) this.#others(order, now);
  }

  #others(order, now) {
    for (const other of this.orders)
      if (other !== order && other.list && other.list === order.list && isOpen(other)) {
        other.status = 'EXPIRED';
        other.updated = now;
      }
  }

  #end(order, status, now) {
    order.status = status;
    order.updated = now;
    if (order.list) this.#others(order, now);
    this.#unlock(order);
  }

  cancel(order, now) {
    const touched = order.list
      ? this.orders.filter((o) => o.list === order.list && isOpen(o)) : [order];
    for (const each of touched) {
      each.status = 'CANCELED';
      each.updated = now;
    }
    this.#unlock(order);
    return touched;
  }

  /** All of them or none: a pair is one decision. */
  place(orders, price, now) {
    for (const order of orders) this.#admit(order, price);
    this.#lock(orders, price);
    this.orders.push(...orders);
    for (const order of orders) if (isOpen(order)) this.#arrive(order, price, now);
  }

  #admit(order, price) {
    if (order.type === 'LIMIT_MAKER' && this.#crosses(order, price))
      throw rejected('Order would immediately match and take.');
    if (isStop(order) && !order.trailing && this.#triggers(order, price))
      throw rejected('Stop price would trigger immediately.');
  }

  #crosses(order, price) {
    return buys(order) ? order.price >= price.ask : order.price <= price.bid;
  }

  #triggers(order, price) {
    const stops = order.type.startsWith('STOP');
    return stops === buys(order) ? price.last >= order.stop : price.last <= order.stop;
  }

  #arrive(order, price, now) {
    if (isStop(order)) return;
    if (isMarket(order)) {
      this.#fillAtMarket(order, price, now);
    } else if (this.#crosses(order, price)) {
      this.fill(order, order.qty - order.filled, buys(order) ? price.ask : price.bid, now, false);
    } else if (order.life === 'IOC' || order.life === 'FOK') {
      this.#end(order, 'EXPIRED', now);
    }
  }

  #fillAtMarket(order, price, now) {
    const at = buys(order) ? price.ask : price.bid;
    if (order.quoteQty) {
      const step = order.symbol.step;
      order.qty = over(order.quoteQty, at) / step * step;
    }
    if (order.qty === 0n) this.#end(order, 'EXPIRED', now);
    else this.fill(order, order.qty, at, now, false);
  }

  /** The best price since it came, for what trails. */
  #trail(order, price) {
    const up = order.type.startsWith('STOP') !== buys(order);
    order.best ??= price.last;
    if (up ? price.last > order.best : price.last < order.best) order.best = price.last;
    const distance = order.best * BigInt(order.trailing) / 10_000n;
    return up ? price.last <= order.best - distance : price.last >= order.best + distance;
  }

  /** New prices of a symbol. */
  tick(symbol, price, now) {
    for (const order of this.orders) {
      if (order.symbol !== symbol || !isOpen(order)) continue;
      if (isStop(order) && !order.working) {
        if (!(order.trailing ? this.#trail(order, price) : this.#triggers(order, price))) continue;
        order.working = true;
        if (isMarket(order)) {
          this.#fillAtMarket(order, price, now);
          continue;
        }
      }
      if (this.#crosses(order, price)) this.fill(order, order.qty - order.filled, order.price, now, true);
    }
  }
}

export function describe(order) {
  return {
    symbol: order.symbol.name,
    orderId: order.id,
    orderListId: order.list?.id ?? -1,
    clientOrderId: order.clientId,
    price: format(order.price),
    origQty: format(order.qty),
    executedQty: format(order.filled),
    origQuoteOrderQty: format(order.quoteQty),
    cummulativeQuoteQty: format(order.filledQuote),
    status: order.status,
    timeInForce: order.life,
    type: order.type,
    side: order.side,
    ...(order.stop ? { stopPrice: format(order.stop) } : {}),
  };
}
