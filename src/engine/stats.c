/*
 * Statistics over equity and trades, by backtesting.py's definitions
 * (docs/engine.md lists them). Whatever is undefined is NaN, never a guess;
 * nothing here changes a result.
 */
#include "stats_private.h"

#include <math.h>

static const int64_t second_ms = 1000;
static const int64_t minute_ms = INT64_C(60) * 1000;
static const int64_t hour_ms = INT64_C(60) * 60 * 1000;
static const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000;

enum {
	PERIOD_SAMPLE = 99, /* differences that tell the interval */
	WEEK_DAYS = 7,
	EPOCH_WEEKDAY = 3, /* 1970-01-01 was a Thursday; Monday is 0 */
	FRIDAY = 4,
	WEEK_YEAR = 52,
	TRADING_YEAR = 252,
	CALENDAR_YEAR = 365
};

/* Above this share of weekend bars the market has no closed weekends. */
static const double weekend_share = 2.0 / 7.0 * 0.6;
static const double year_days = 365.25;

static double defined(double value)
{
	return isfinite(value) ? value : (double)NAN;
}

static int64_t floor_div(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

static int64_t day_of(int64_t time)
{
	return floor_div(time, day_ms);
}

static int compare_int64(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The median distance of the last bars; 0 when there is only one. */
static int64_t period_of(const struct candles *candles)
{
	int64_t steps[PERIOD_SAMPLE];
	size_t n = candles->count - 1;
	const int64_t *time = candles->time + candles->count - 1;

	if (n > PERIOD_SAMPLE)
		n = PERIOD_SAMPLE;
	if (n == 0)
		return 0;
	for (size_t i = 0; i < n; i++, time--)
		steps[i] = time[0] - time[-1];
	qsort(steps, n, sizeof(steps[0]), compare_int64);
	return n % 2 ? steps[n / 2] : (steps[n / 2 - 1] + steps[n / 2]) / 2;
}

/* Durations are rounded up to this: whole days of daily bars, and so on. */
static int64_t resolution_of(int64_t period)
{
	if (period % day_ms == 0)
		return day_ms;
	if (period % hour_ms == 0)
		return hour_ms;
	if (period % minute_ms == 0)
		return minute_ms;
	return period % second_ms == 0 ? second_ms : 1;
}

/* The mean of `count` durations, rounded up. */
static int64_t round_up(int64_t total, int64_t count, int64_t resolution)
{
	int64_t unit = count * resolution;

	return (total + unit - 1) / unit * resolution;
}

/* ---- equity ------------------------------------------------------------ */

/* Returns of days (or of weeks, for weekly bars), as they come. */
struct returns {
	int64_t count;	 /* of bins; the first has no return */
	double logs;	 /* sum of log(1 + return) */
	double mean, m2; /* of all but the first (Welford) */
	double downside; /* sum of squares of the negative ones */
	double last;	 /* value of the bin before */
	bool wiped_out;	 /* a return of -100 % or worse */
};

static void returns_add(struct returns *returns, double value)
{
	double change, delta;

	if (returns->count++ == 0) {
		returns->last = value;
		return;
	}
	change = value / returns->last - 1;
	returns->last = value;
	if (!isfinite(change))
		return; /* 0 after 0: ruined before */
	if (change <= -1)
		returns->wiped_out = true;
	else
		returns->logs += log1p(change);
	delta = change - returns->mean;
	returns->mean += delta / (double)(returns->count - 1);
	returns->m2 += delta * (change - returns->mean);
	if (change < 0)
		returns->downside += change * change;
}

struct calendar {
	bool weekly;
	double periods; /* in a year */
};

static struct calendar calendar_of(
	const struct candles *candles, int64_t period)
{
	size_t weekend = 0;

	if (period / day_ms == WEEK_DAYS)
		return (struct calendar){.weekly = true, .periods = WEEK_YEAR};
	for (size_t i = 0; i < candles->count; i++) {
		int64_t day = day_of(candles->time[i]) + EPOCH_WEEKDAY;

		if (day - floor_div(day, WEEK_DAYS) * WEEK_DAYS > FRIDAY)
			weekend++;
	}
	return (struct calendar){
		.periods =
			(double)weekend / (double)candles->count > weekend_share
				? CALENDAR_YEAR
				: TRADING_YEAR,
	};
}

/* Days end at midnight UTC, weeks on Sunday. */
static int64_t bin_of(const struct calendar *calendar, int64_t time)
{
	int64_t day = day_of(time);

	return calendar->weekly ? floor_div(day + EPOCH_WEEKDAY, WEEK_DAYS)
				: day;
}

static struct returns returns_of(const struct candles *candles,
	const double *equity, const struct calendar *calendar)
{
	struct returns returns = {.count = 0};
	int64_t bin = bin_of(calendar, candles->time[0]);

	for (size_t i = 1; i < candles->count; i++) {
		int64_t next = bin_of(calendar, candles->time[i]);

		if (next != bin)
			returns_add(&returns, equity[i - 1]);
		bin = next;
	}
	returns_add(&returns, equity[candles->count - 1]);
	return returns;
}

static void set_annual(struct backtest_stats *out,
	const struct returns *returns, double periods)
{
	double changes = (double)(returns->count - 1);
	double mean = exp(returns->logs / changes);
	double variance = returns->m2 / (changes - 1);
	double annual, volatility;

	if (changes < 1)
		return;
	annual = returns->wiped_out ? -1 : pow(mean, periods) - 1;
	out->return_ann_pct = annual * 100;
	out->sortino = defined(
		annual / (sqrt(returns->downside / changes) * sqrt(periods)));
	out->calmar = defined(annual / (-out->max_drawdown_pct / 100));
	if (changes < 2)
		return;
	if (returns->wiped_out)
		mean = 0;
	volatility = sqrt(fmax(0,
		pow(variance + mean * mean, periods) - pow(mean, 2 * periods)));
	out->volatility_ann_pct = defined(volatility * 100);
	out->sharpe = defined(annual / volatility);
}

/* Sums of squares and products around the first value: exact 0 for a
   market that stands. */
struct covariance {
	double first_x, first_y;
	double x, y, xy, yy;
};

static void covariance_add(struct covariance *sums, double x, double y)
{
	x -= sums->first_x;
	y -= sums->first_y;
	sums->x += x;
	sums->y += y;
	sums->xy += x * y;
	sums->yy += y * y;
}

static double log_change(double before, double now)
{
	return now == before ? 0.0 : log(now / before);
}

/* Of log returns of the equity on those of the close, bar by bar. */
static double beta_of(const struct candles *candles, const double *equity)
{
	const double *close = candles->close;
	struct covariance sums = {0};
	double n = (double)(candles->count - 1);
	double variance;

	if (candles->count < 3)
		return NAN;
	sums.first_x = log_change(equity[0], equity[1]);
	sums.first_y = log_change(close[0], close[1]);
	for (size_t i = 2; i < candles->count; i++)
		covariance_add(&sums, log_change(equity[i - 1], equity[i]),
			log_change(close[i - 1], close[i]));
	variance = sums.yy - sums.y * sums.y / n;
	if (!(variance > 0))
		return NAN;
	return defined((sums.xy - sums.x * sums.y / n) / variance);
}

struct drawdowns {
	double max, peaks; /* fractions: the deepest, the sum of each one's */
	int64_t longest, total, count;
};

/* A drawdown lasts from one high of the equity to the next, or to the end. */
static struct drawdowns drawdowns_of(
	const struct candles *candles, const double *equity, double *peak)
{
	struct drawdowns all = {0};
	double high = equity[0], deepest = 0;
	size_t start = 0;

	for (size_t i = 0; i < candles->count; i++) {
		bool at_high = equity[i] >= high;
		int64_t lasted;

		if (at_high)
			high = equity[i];
		else if (1 - equity[i] / high > deepest)
			deepest = 1 - equity[i] / high;
		if (!at_high && i + 1 < candles->count)
			continue;
		lasted = candles->time[i] - candles->time[start];
		all.max = fmax(all.max, deepest);
		if (i > start + 1) {
			all.longest =
				lasted > all.longest ? lasted : all.longest;
			all.total += lasted;
			all.peaks += deepest;
			all.count++;
		}
		deepest = 0;
		start = i;
	}
	*peak = high;
	return all;
}

static void equity_stats(const struct candles *candles, const double *equity,
	double cash, int64_t period, struct backtest_stats *out)
{
	struct calendar calendar = calendar_of(candles, period);
	struct drawdowns down =
		drawdowns_of(candles, equity, &out->equity_peak);
	struct returns returns = returns_of(candles, equity, &calendar);
	double days = (double)out->duration_ms / (double)day_ms;

	out->equity_final = equity[candles->count - 1];
	out->return_pct = (out->equity_final / cash - 1) * 100;
	out->max_drawdown_pct = -down.max * 100;
	out->avg_drawdown_pct = defined(-down.peaks / (double)down.count * 100);
	out->max_drawdown_duration_ms =
		round_up(down.longest, 1, resolution_of(period));
	if (down.count)
		out->avg_drawdown_duration_ms =
			round_up(down.total, down.count, resolution_of(period));
	set_annual(out, &returns, calendar.periods);
	out->cagr_pct = days > 0 ? defined((pow(out->equity_final / cash,
						    year_days / days) -
						   1) *
					   100)
				 : (double)NAN;
	out->beta = beta_of(candles, equity);
	out->alpha_pct =
		defined(out->return_pct - out->beta * out->buy_hold_return_pct);
}

/* ---- trades ------------------------------------------------------------ */

struct trade_sums {
	double logs; /* of 1 + return */
	double returns, gains, losses, best, worst;
	double won, lost; /* money */
	double profit, m2;
	int64_t winners, losers;
	int64_t duration, longest;
	bool wiped_out; /* a return of -100 % or worse */
};

static void trade_sums_add(
	struct trade_sums *sums, const struct backtest_trade *trade)
{
	double profit = decimal_double(trade->pnl);
	double change = trade->return_pct / 100;
	int64_t lasted = trade->exit_time - trade->entry_time;

	if (change > -1)
		sums->logs += log1p(change);
	else
		sums->wiped_out = true;
	sums->returns += change;
	*(change > 0 ? &sums->gains : &sums->losses) += change;
	sums->best = fmax(sums->best, change);
	sums->worst = fmin(sums->worst, change);
	sums->profit += profit;
	if (profit > 0) {
		sums->won += profit;
		sums->winners++;
	} else if (profit < 0) {
		sums->lost -= profit;
		sums->losers++;
	}
	sums->duration += lasted;
	sums->longest = lasted > sums->longest ? lasted : sums->longest;
}

static struct trade_sums trade_sums_of(const struct backtest_result *result)
{
	size_t n = result->trade_count;
	struct trade_sums sums = {
		.best = -(double)INFINITY, .worst = (double)INFINITY};
	double mean;

	for (size_t i = 0; i < n; i++)
		trade_sums_add(&sums, &result->trades[i]);
	mean = sums.profit / (double)n;
	for (size_t i = 0; i < n; i++) {
		double off = decimal_double(result->trades[i].pnl) - mean;

		sums.m2 += off * off;
	}
	return sums;
}

static void trade_stats(const struct backtest_result *result,
	int64_t resolution, struct backtest_stats *out)
{
	struct trade_sums sums = trade_sums_of(result);
	double n = (double)result->trade_count;
	double wins = (double)sums.winners / n;
	double ratio = (sums.won / (double)sums.winners) /
		       (sums.lost / (double)sums.losers);

	out->trades = (int64_t)result->trade_count;
	if (result->trade_count == 0)
		return;
	out->win_rate_pct = wins * 100;
	out->best_trade_pct = sums.best * 100;
	out->worst_trade_pct = sums.worst * 100;
	out->avg_trade_pct =
		sums.wiped_out ? -100 : (exp(sums.logs / n) - 1) * 100;
	out->max_trade_duration_ms = round_up(sums.longest, 1, resolution);
	out->avg_trade_duration_ms = round_up(
		sums.duration, (int64_t)result->trade_count, resolution);
	out->profit_factor = defined(sums.gains / -sums.losses);
	out->expectancy_pct = sums.returns / n * 100;
	out->sqn =
		defined(sqrt(n) * (sums.profit / n) / sqrt(sums.m2 / (n - 1)));
	out->kelly = defined(wins - (1 - wins) / ratio);
}

static void activity_stats(const struct candles *candles,
	const struct backtest_result *result, struct backtest_stats *out)
{
	size_t covered = 0, next = 0;
	double commissions = 0;

	for (size_t i = 0; i < result->trade_count; i++) {
		const struct backtest_trade *trade = &result->trades[i];
		size_t from = trade->entry_bar < next ? next : trade->entry_bar;

		if (trade->exit_bar + 1 > from)
			covered += trade->exit_bar + 1 - from;
		next = trade->exit_bar + 1;
		commissions += decimal_double(trade->commission);
	}
	out->exposure_pct = 100.0 * (double)covered / (double)candles->count;
	out->commissions = commissions;
}

static const struct backtest_stats undefined = {
	.return_ann_pct = NAN,
	.volatility_ann_pct = NAN,
	.cagr_pct = NAN,
	.sharpe = NAN,
	.sortino = NAN,
	.calmar = NAN,
	.alpha_pct = NAN,
	.beta = NAN,
	.avg_drawdown_pct = NAN,
	.win_rate_pct = NAN,
	.best_trade_pct = NAN,
	.worst_trade_pct = NAN,
	.avg_trade_pct = NAN,
	.profit_factor = NAN,
	.expectancy_pct = NAN,
	.sqn = NAN,
	.kelly = NAN,
};

void stats_compute(const struct candles *candles,
	const struct backtest_result *result, double cash, size_t base_bar,
	struct backtest_stats *out)
{
	int64_t period = period_of(candles);
	size_t last = candles->count - 1;

	*out = undefined;
	out->start = candles->time[0];
	out->end = candles->time[last];
	out->duration_ms = out->end - out->start;
	if (base_bar > last)
		base_bar = last;
	out->buy_hold_return_pct =
		(candles->close[last] / candles->close[base_bar] - 1) * 100;
	activity_stats(candles, result, out);
	equity_stats(candles, result->equity, cash, period, out);
	trade_stats(result, resolution_of(period), out);
}
