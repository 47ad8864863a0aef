/*
 * SMA 10/30 cross in one plain loop, with cash as a double: what somebody
 * would write who wants this one rule fast. It keeps equity and trades and
 * computes return, drawdown and trade statistics, as an answer needs them;
 * beta, Sharpe and the other figures of the engine it does not.
 */
#include "engine_loop.h"

#include <math.h>
#include <stdlib.h>

enum {
	FAST = 10,
	SLOW = 30,
	FIRST_TRADES = 64
};

struct position {
	double cash, size, price;
	size_t bar;
};

static void trade_add(struct loop_result *out, struct loop_trade trade)
{
	size_t n = out->trade_count;

	if (n < FIRST_TRADES ? n == 0 : (n & (n - 1)) == 0) {
		size_t room = n ? 2 * n : FIRST_TRADES;

		out->trades = realloc(out->trades, room * sizeof(trade));
		if (!out->trades)
			abort();
	}
	out->trades[out->trade_count++] = trade;
}

static void leave(struct loop_result *out, struct position *position,
	size_t bar, double price)
{
	double profit = position->size * (price - position->price);
	double change = price / position->price - 1;

	trade_add(out, (struct loop_trade){position->bar, bar, position->size,
			       position->price, price, profit,
			       position->size > 0 ? change : -change});
	position->cash += profit;
	position->size = 0;
}

static void enter(struct position *position, size_t bar, double price, int side)
{
	position->size = side * floor(position->cash / price * 1e8) / 1e8;
	position->price = price;
	position->bar = bar;
}

/* Trades and equity. */
static void loop(const struct loop_candles *candles, struct position *position,
	struct loop_result *out)
{
	const double *open = candles->open, *close = candles->close;
	double fast = 0, slow = 0, before = 0, base = position->cash;
	int side = 0; /* pending */

	for (size_t i = 0; i < candles->count; i++) {
		double apart;

		if (side) {
			if (position->size != 0)
				leave(out, position, i, open[i]);
			enter(position, i, open[i], side);
			base = position->cash - position->size * open[i];
			side = 0;
		}
		fast += close[i] - (i >= FAST ? close[i - FAST] : 0);
		slow += close[i] - (i >= SLOW ? close[i - SLOW] : 0);
		apart = fast * (SLOW / FAST) - slow;
		if (i >= SLOW && apart > 0 && before < 0 && position->size <= 0)
			side = 1;
		if (i >= SLOW && apart < 0 && before > 0 && position->size >= 0)
			side = -1;
		before = apart;
		out->equity[i] = base + position->size * close[i];
	}
}

static void equity_stats(const struct loop_candles *candles, double cash,
	struct loop_result *out)
{
	const double *equity = out->equity;
	double high = equity[0], deepest = 0;
	int64_t longest = 0, since = candles->time[0];

	for (size_t i = 0; i < candles->count; i++) {
		double drop = 1 - equity[i] / high;

		if (drop > deepest)
			deepest = drop;
		if (candles->time[i] - since > longest)
			longest = candles->time[i] - since;
		if (equity[i] >= high) {
			high = equity[i];
			since = candles->time[i];
		}
	}
	out->equity_final = equity[candles->count - 1];
	out->return_pct = (out->equity_final / cash - 1) * 100;
	out->max_drawdown_pct = -deepest * 100;
	out->max_drawdown_ms = longest;
}

static void trade_stats(struct loop_result *out)
{
	double gains = 0, losses = 0, profit = 0, squares = 0, won = 0;
	double n = (double)out->trade_count, mean;

	out->best_pct = -(double)INFINITY;
	out->worst_pct = (double)INFINITY;
	for (size_t i = 0; i < out->trade_count; i++) {
		double change = out->trades[i].change;

		*(change > 0 ? &gains : &losses) += change;
		won += out->trades[i].profit > 0;
		profit += out->trades[i].profit;
		out->best_pct = fmax(out->best_pct, change * 100);
		out->worst_pct = fmin(out->worst_pct, change * 100);
	}
	mean = profit / n;
	for (size_t i = 0; i < out->trade_count; i++) {
		double off = out->trades[i].profit - mean;

		squares += off * off;
	}
	out->win_rate_pct = won / n * 100;
	out->expectancy_pct = (gains + losses) / n * 100;
	out->profit_factor = gains / -losses;
	out->sqn = sqrt(n) * mean / sqrt(squares / (n - 1));
}

struct loop_result loop_run(const struct loop_candles *candles, double cash)
{
	struct loop_result out = {
		.equity = malloc(candles->count * sizeof(double))};
	struct position position = {.cash = cash};
	size_t last = candles->count - 1;

	if (!out.equity)
		abort();
	loop(candles, &position, &out);
	if (position.size != 0)
		leave(&out, &position, last, candles->open[last]);
	out.equity[last] = position.cash;
	equity_stats(candles, cash, &out);
	trade_stats(&out);
	return out;
}

/* ---- all statistics ---------------------------------------------------------- */

enum {
	DAY_MS = 86400000,
	YEAR_DAYS = 365
};

static void daily_stats(
	const struct loop_candles *candles, struct loop_result *out)
{
	double sum = 0, squares = 0, logs = 0, downside = 0, before = 0;
	double n = 0, mean, variance, growth, annual;

	for (size_t i = 0; i < candles->count; i++) {
		double change;

		if (i + 1 < candles->count &&
			candles->time[i] / DAY_MS ==
				candles->time[i + 1] / DAY_MS)
			continue;
		change = before > 0 ? out->equity[i] / before - 1 : 0;
		if (before > 0) {
			n++;
			sum += change;
			squares += change * change;
			logs += log1p(change);
			downside += change < 0 ? change * change : 0;
		}
		before = out->equity[i];
	}
	mean = sum / n;
	variance = (squares - n * mean * mean) / (n - 1);
	growth = exp(logs / n);
	annual = pow(growth, YEAR_DAYS) - 1;
	out->volatility_pct =
		100 * sqrt(pow(variance + growth * growth, YEAR_DAYS) -
			      pow(growth, 2 * YEAR_DAYS));
	out->sharpe = 100 * annual / out->volatility_pct;
	out->sortino = annual / sqrt(downside / n * YEAR_DAYS);
}

static void market_stats(
	const struct loop_candles *candles, struct loop_result *out)
{
	double x = 0, y = 0, xy = 0, yy = 0;
	double n = (double)(candles->count - 1);

	for (size_t i = 1; i < candles->count; i++) {
		double ours = log(out->equity[i] / out->equity[i - 1]);
		double theirs = log(candles->close[i] / candles->close[i - 1]);

		x += ours;
		y += theirs;
		xy += ours * theirs;
		yy += theirs * theirs;
	}
	out->beta = (xy - x * y / n) / (yy - y * y / n);
}

static void fall_stats(
	const struct loop_candles *candles, struct loop_result *out)
{
	double high = out->equity[0], deepest = 0, sum = 0, falls = 0;
	size_t start = 0, held = 0;

	for (size_t i = 0; i < candles->count; i++) {
		deepest = fmax(deepest, 1 - out->equity[i] / high);
		if (out->equity[i] < high && i + 1 < candles->count)
			continue;
		if (i > start + 1) {
			sum += deepest;
			falls++;
		}
		high = fmax(high, out->equity[i]);
		deepest = 0;
		start = i;
	}
	out->average_drawdown_pct = -100 * sum / falls;
	for (size_t i = 0; i < out->trade_count; i++)
		held += out->trades[i].exit_bar - out->trades[i].entry_bar;
	out->exposure_pct = 100 * (double)(held + 1) / (double)candles->count;
}

struct loop_result loop_run_all(const struct loop_candles *candles, double cash)
{
	struct loop_result out = loop_run(candles, cash);

	daily_stats(candles, &out);
	market_stats(candles, &out);
	fall_stats(candles, &out);
	return out;
}
