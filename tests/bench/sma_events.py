"""The rule of tests/bench/engine.c as an event loop in plain Python.

sma_events.py FILE RUNS: reads candles that tests/bench/bars.mjs wrote, runs the
SMA 10/30 cross that often and prints one line of JSON. A bar at a time, as
event-driven back testers do: a broker that fills at the open, a strategy that
is asked on the close; the same trades and statistics as engine_loop.c.
"""
import json
import math
import sys
from array import array
from collections import deque
from time import process_time

CASH = 1e9
FAST, SLOW = 10, 30
DAY, YEAR = 86400000, 365


def load(path):
    values = array("d")
    with open(path, "rb") as file:
        values.frombytes(file.read())
    count = len(values) // 6
    time = array("q", values[:count].tobytes())
    return [time] + [values[k * count : (k + 1) * count] for k in range(1, 6)]


class Average:
    def __init__(self, period):
        self.period = period
        self.window = deque()
        self.sum = 0.0

    def add(self, value):
        self.window.append(value)
        self.sum += value
        if len(self.window) > self.period:
            self.sum -= self.window.popleft()
        return self.sum / self.period if len(self.window) == self.period else None


class Broker:
    def __init__(self):
        self.cash = CASH
        self.size = 0.0
        self.price = 0.0
        self.order = 0
        self.trades = []
        self.equity = []

    def on_open(self, price):
        if self.order:
            self.close(price)
            self.size = self.order * math.floor(self.cash / price * 1e8) / 1e8
            self.price = price
            self.order = 0

    def on_close(self, price):
        self.equity.append(self.cash + self.size * (price - self.price))

    def close(self, price):
        if self.size:
            profit = self.size * (price - self.price)
            change = price / self.price - 1
            self.trades.append((profit, change if self.size > 0 else -change))
            self.cash += profit
            self.size = 0.0


class Strategy:
    def __init__(self, broker):
        self.broker = broker
        self.fast = Average(FAST)
        self.slow = Average(SLOW)
        self.before = None

    def on_bar(self, close):
        fast, slow = self.fast.add(close), self.slow.add(close)
        if slow is None:
            return
        apart = fast - slow
        if self.before is not None:
            if self.before < 0 < apart and self.broker.size <= 0:
                self.broker.order = 1
            elif self.before > 0 > apart and self.broker.size >= 0:
                self.broker.order = -1
        self.before = apart


def daily(time, equity):
    """Returns from each day's last equity to the next one's."""
    lasts = [value for i, value in enumerate(equity) if i + 1 == len(equity) or time[i] // DAY != time[i + 1] // DAY]
    returns = [now / before - 1 for before, now in zip(lasts, lasts[1:])]
    n = len(returns)
    if n < 2:
        return {}
    mean = sum(returns) / n
    variance = sum((r - mean) ** 2 for r in returns) / (n - 1)
    growth = math.exp(sum(math.log1p(r) for r in returns) / n)
    annual = growth**YEAR - 1
    volatility = math.sqrt((variance + growth**2) ** YEAR - growth ** (2 * YEAR))
    downside = sum(r * r for r in returns if r < 0)
    return {"sharpe": annual / volatility, "sortino": annual / math.sqrt(downside / n * YEAR)}


def beta(equity, close):
    ours = [math.log(now / before) for before, now in zip(equity, equity[1:])]
    theirs = [math.log(now / before) for before, now in zip(close, close[1:])]
    n = len(ours)
    x, y = sum(ours), sum(theirs)
    xy = sum(a * b for a, b in zip(ours, theirs))
    yy = sum(b * b for b in theirs)
    return (xy - x * y / n) / (yy - y * y / n)


def average_fall(equity):
    high, deepest, falls, start = equity[0], 0.0, [], 0
    for i, value in enumerate(equity):
        deepest = max(deepest, 1 - value / high)
        if value < high and i + 1 < len(equity):
            continue
        if i > start + 1:
            falls.append(deepest)
        high, deepest, start = max(high, value), 0.0, i
    return -100 * sum(falls) / max(len(falls), 1)


def statistics(time, close, broker):
    high, deepest, longest, since = broker.equity[0], 0.0, 0, time[0]
    for moment, equity in zip(time, broker.equity):
        deepest = max(deepest, 1 - equity / high)
        longest = max(longest, moment - since)
        if equity >= high:
            high, since = equity, moment
    profits = [profit for profit, _ in broker.trades]
    changes = [change for _, change in broker.trades]
    count = len(profits)
    mean = sum(profits) / count
    deviation = math.sqrt(sum((profit - mean) ** 2 for profit in profits) / (count - 1))
    return daily(time, broker.equity) | {
        "beta": beta(broker.equity, close),
        "average_drawdown_pct": average_fall(broker.equity),
        "return_pct": (broker.equity[-1] / CASH - 1) * 100,
        "max_drawdown_pct": -deepest * 100,
        "max_drawdown_ms": longest,
        "win_rate_pct": sum(profit > 0 for profit in profits) / count * 100,
        "best_pct": max(changes) * 100,
        "worst_pct": min(changes) * 100,
        "expectancy_pct": sum(changes) / count * 100,
        "profit_factor": sum(c for c in changes if c > 0) / -sum(c for c in changes if c < 0),
        "sqn": math.sqrt(count) * mean / deviation,
    }


def run(candles):
    time, opens, _, _, closes, _ = candles
    broker = Broker()
    strategy = Strategy(broker)
    for price, close in zip(opens, closes):
        broker.on_open(price)
        strategy.on_bar(close)
        broker.on_close(close)
    broker.close(opens[-1])
    broker.equity[-1] = broker.cash
    return len(broker.trades), broker.cash, statistics(time, closes, broker)


def main():
    candles = load(sys.argv[1])
    took = []
    for _ in range(int(sys.argv[2])):
        start = process_time()
        trades, equity, stats = run(candles)
        took.append((process_time() - start) * 1e6)
    print(json.dumps({"bars": len(candles[0]), "trades": trades, "equity": equity, "us": took, "stats": stats}))


main()
