"""The rule of tests/bench/engine.c as somebody writes it with numpy.

sma_numpy.py FILE RUNS: reads candles that tests/bench/bars.mjs wrote, runs the
SMA 10/30 cross that often and prints one line of JSON. Whole columns at a
time, no loop; the same trades, equity and statistics as engine_loop.c.
"""
import json
import sys
from time import process_time

import numpy as np

CASH = 1e9
FAST, SLOW = 10, 30
DAY, YEAR = 86400000, 365


def load(path):
    values = np.fromfile(path, dtype="<f8").reshape(6, -1)
    return values[0].view("<i8"), values[1], values[4]


def average(values, period):
    sums = np.cumsum(values)
    sums[period:] -= sums[:-period].copy()
    sums[: period - 1] = np.nan
    return sums / period


def decide(close):
    """Bars whose close turns the position, and the side it turns to."""
    apart = average(close, FAST) - average(close, SLOW)
    before, now = apart[:-1], apart[1:]
    sides = np.where((before < 0) & (now > 0), 1, np.where((before > 0) & (now < 0), -1, 0))
    bars = np.flatnonzero(sides) + 1
    sides = sides[bars - 1]
    turns = np.r_[True, sides[1:] != sides[:-1]]
    inside = bars + 1 < len(close)
    return bars[turns & inside], sides[turns & inside]


def trade(opens, bars, sides):
    """Entries and exits at the open behind each decision, all in."""
    entries = opens[bars + 1]
    exits = np.append(entries[1:], opens[-1])
    changes = sides * (exits / entries - 1)
    cash = CASH * np.cumprod(1 + changes)
    before = np.append(CASH, cash[:-1])
    return entries, changes, before, cash


def curve(close, bars, sides, entries, before, cash):
    equity = np.full(len(close), CASH)
    first = bars[0] + 1
    lasts = np.diff(np.append(bars + 1, len(close)))
    size = np.repeat(sides * before / entries, lasts)
    base = np.repeat(before - sides * before, lasts)
    equity[first:] = base + size * close[first:]
    equity[-1] = cash[-1]
    return equity


def daily(time, equity):
    """Returns from each day's last equity to the next one's."""
    day = time // DAY
    lasts = equity[np.append(np.flatnonzero(day[1:] != day[:-1]), len(day) - 1)]
    returns = lasts[1:] / lasts[:-1] - 1
    if len(returns) < 2:
        return {}
    growth = np.exp(np.log1p(returns).mean())
    annual = growth**YEAR - 1
    volatility = np.sqrt((returns.var(ddof=1) + growth**2) ** YEAR - growth ** (2 * YEAR))
    downside = (np.minimum(returns, 0) ** 2).mean()
    return {"sharpe": annual / volatility, "sortino": annual / np.sqrt(downside * YEAR)}


def beta(equity, close):
    ours, theirs = np.diff(np.log(equity)), np.diff(np.log(close))
    n = len(ours)
    x, y = ours.sum(), theirs.sum()
    return (ours @ theirs - x * y / n) / (theirs @ theirs - y * y / n)


def average_fall(equity, high, drawdown):
    """Of the falls from one high to the next that last longer than a bar."""
    starts = np.flatnonzero(equity >= high)
    ends = np.append(starts[1:], len(equity) - 1)
    long = ends - starts > 1
    return -100 * np.maximum.reduceat(drawdown, starts)[long].mean()


def statistics(time, close, equity, changes, before):
    high = np.maximum.accumulate(equity)
    drawdown = 1 - equity / high
    since = np.maximum.accumulate(np.where(equity >= high, np.arange(len(equity)), 0))
    longest = np.max(time - time[np.append(0, since[:-1])])
    profits = changes * before
    return daily(time, equity) | {
        "beta": beta(equity, close),
        "average_drawdown_pct": average_fall(equity, high, drawdown),
        "return_pct": (equity[-1] / CASH - 1) * 100,
        "max_drawdown_pct": -drawdown.max() * 100,
        "max_drawdown_ms": int(longest),
        "win_rate_pct": np.mean(profits > 0) * 100,
        "best_pct": changes.max() * 100,
        "worst_pct": changes.min() * 100,
        "expectancy_pct": changes.mean() * 100,
        "profit_factor": changes[changes > 0].sum() / -changes[changes < 0].sum(),
        "sqn": np.sqrt(len(profits)) * profits.mean() / profits.std(ddof=1),
    }


def run(time, opens, close):
    bars, sides = decide(close)
    entries, changes, before, cash = trade(opens, bars, sides)
    equity = curve(close, bars, sides, entries, before, cash)
    return len(bars), equity[-1], statistics(time, close, equity, changes, before)


def main():
    time, opens, close = load(sys.argv[1])
    took = []
    for _ in range(int(sys.argv[2])):
        start = process_time()
        trades, equity, stats = run(time, opens, close)
        took.append((process_time() - start) * 1e6)
    print(json.dumps({"bars": len(close), "trades": trades, "equity": equity, "us": took, "stats": stats}))


main()
