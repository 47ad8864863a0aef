/*
 * The same five figures as other programs define them, so that each can be
 * compared with its origin. Where an origin gives an infinity or a number
 * that stands for nothing (-100), this gives NaN. A variant is a row.
 */
#include "stats_private.h"

static const double year_days = 365.25;
static const double every_day = 365;
static const double trading_days = 252;
static const double year_ms = 365.0 * 24 * 60 * 60 * 1000;

/* Below this share of its mean a deviation is rounding. */
static const double rounding_share = 1e-6;

/* ---- what they share --------------------------------------------------- */

double *stats_bins(struct arena *arena, const struct stats *stats, size_t what,
	size_t *count)
{
	double *out = arena_array(arena, stats->day_count, sizeof(*out));
	size_t n = 0;

	for (size_t i = 0; i < stats->day_count; i++) {
		const char *day = (const char *)&stats->days[i];

		if (stats_bin_ends(stats, i))
			memcpy(&out[n++], day + what, sizeof(*out));
	}
	*count = n;
	return out;
}

struct stats_returns stats_returns_of(
	struct arena *arena, const double *values, size_t count, double first)
{
	double *out = arena_array(arena, count, sizeof(*out));
	struct stats_returns returns = {.value = out};
	double before = first, sum = 0, m2 = 0;
	size_t n = 0;

	for (size_t i = 0; i < count && before > 0; i++) {
		out[n++] = values[i] / before - 1;
		before = values[i];
	}
	for (size_t i = 0; i < n; i++)
		sum += out[i];
	returns.count = n;
	returns.mean = sum / (double)n;
	for (size_t i = 0; i < n; i++) {
		double off = out[i] - returns.mean;

		m2 += off * off;
		if (out[i] < 0)
			returns.downside += out[i] * out[i];
	}
	returns.deviation = sqrt(m2 / ((double)n - 1));
	return returns;
}

static double sharpe_of(double mean, double deviation, double periods)
{
	if (!(deviation > rounding_share * fabs(mean)))
		return NAN;
	return stats_defined(mean / deviation * sqrt(periods));
}

double stats_sharpe(const struct stats_returns *returns, double periods)
{
	return sharpe_of(returns->mean, returns->deviation, periods);
}

double stats_sortino(const struct stats_returns *returns, double periods)
{
	double risk = sqrt(returns->downside / (double)returns->count);

	if (returns->count < 2)
		return NAN;
	return stats_ratio(returns->mean * sqrt(periods), risk);
}

double stats_cagr_pct(double first, double last, double years)
{
	if (!(years > 0))
		return NAN;
	return stats_defined((pow(last / first, 1 / years) - 1) * 100);
}

double stats_max_drawdown(const double *values, size_t count, double first)
{
	double high = first, deepest = 0;

	for (size_t i = 0; i < count; i++) {
		high = fmax(high, values[i]);
		deepest = fmax(deepest, 1 - values[i] / high);
	}
	return deepest;
}

/* ---- the variants ------------------------------------------------------ */

/* What they read: equity at the ends of days, the first against the cash. */
struct basis {
	const struct stats *stats;
	const double *days, *bins;
	size_t day_count, bin_count;
	struct stats_returns day_returns, bin_returns;
};

static void set_drawdown(struct stats_variant *out, double drawdown)
{
	out->max_drawdown_pct = -drawdown * 100;
	out->calmar = stats_ratio(out->cagr_pct, drawdown * 100);
}

static void backtesting_py(const struct basis *basis, struct stats_variant *out)
{
	const struct backtest_stats *flat = &basis->stats->flat;

	out->sharpe = flat->sharpe;
	out->sortino = flat->sortino;
	out->calmar = flat->calmar;
	out->cagr_pct = flat->cagr_pct;
	out->max_drawdown_pct = flat->max_drawdown_pct;
}

/* Our own: nothing compounded but CAGR; the deepest fall is that of bars. */
static void daily(const struct basis *basis, struct stats_variant *out)
{
	const struct stats *stats = basis->stats;

	out->sharpe = stats_sharpe(&basis->bin_returns, stats->periods);
	out->sortino = stats_sortino(&basis->bin_returns, stats->periods);
	out->cagr_pct = stats_cagr_pct(stats->cash, stats->last_equity,
		stats_span_days(stats) / year_days);
	set_drawdown(out, stats->down.deepest);
}

/* Its list of returns begins with an empty one, which counts in Sortino's
   mean; highs are those of ends of days, the cash is none. */
static void jesse(const struct basis *basis, struct stats_variant *out)
{
	const struct stats_returns *returns = &basis->day_returns;
	double n = (double)basis->day_count;
	double risk = sqrt(returns->downside / (n + 1));

	if (returns->count < 2)
		risk = NAN;
	out->sharpe = stats_sharpe(returns, every_day);
	out->sortino = stats_ratio(returns->mean * sqrt(every_day), risk);
	out->cagr_pct = stats_cagr_pct(
		basis->stats->cash, basis->stats->last_equity, n / every_day);
	set_drawdown(out, stats_max_drawdown(basis->days, basis->day_count,
				  basis->days[0]));
}

static void nautilus(const struct basis *basis, struct stats_variant *out)
{
	const struct stats *stats = basis->stats;
	double years = (double)basis->day_count / trading_days;

	out->sharpe = stats_sharpe(&basis->day_returns, trading_days);
	out->sortino = stats_sortino(&basis->day_returns, trading_days);
	out->cagr_pct = stats_cagr_pct(stats->cash, stats->last_equity, years);
	set_drawdown(out,
		stats_max_drawdown(basis->days, basis->day_count, stats->cash));
}

/* Bar by bar, the first against the cash; a year has 365 days of bars. */
static void vectorbt(const struct basis *basis, struct stats_variant *out)
{
	const struct stats *stats = basis->stats;
	const struct stats_sums *sums = &stats->sums;
	double n = (double)stats->count;
	double periods =
		stats->period ? year_ms / (double)stats->period : (double)NAN;
	double sum = sums->simple[0] + sums->simple[1];
	double squares = sums->squares[0] + sums->squares[1];
	double downside = sums->downside[0] + sums->downside[1];
	double variance = (squares - sum * sum / n) / (n - 1); /* NaN of one */

	out->sharpe = sharpe_of(sum / n, sqrt(variance), periods);
	out->sortino = stats_ratio(sum / n * sqrt(periods), sqrt(downside / n));
	if (n < 2)
		out->sortino = NAN;
	out->cagr_pct =
		stats_cagr_pct(stats->cash, stats->last_equity, n / periods);
	set_drawdown(out, stats->down.deepest);
}

/* Closed trades' profits by the cash, and what they say of days and depth. */
struct closed {
	double sum, mean, m2;
	double losers, loss_mean, loss_m2;
	double fall, fall_share; /* deepest in money; as a share of its high */
};

static void welford(double value, double count, double *mean, double *m2)
{
	double delta = value - *mean;

	*mean += delta / count;
	*m2 += delta * (value - *mean);
}

static struct closed closed_of(const struct stats *stats)
{
	struct closed out = {.sum = 0};
	double balance = stats->cash, high = balance;

	for (size_t i = 0; i < stats->end.trade_count; i++) {
		double profit = decimal_double(stats->end.trades[i].pnl);
		double part = profit / stats->cash;

		out.sum += part;
		welford(part, (double)i + 1, &out.mean, &out.m2);
		if (part < 0)
			welford(part, ++out.losers, &out.loss_mean,
				&out.loss_m2);
		balance += profit;
		high = fmax(high, balance);
		if (high - balance > out.fall) {
			out.fall = high - balance;
			out.fall_share = out.fall / high;
		}
	}
	return out;
}

static void freqtrade(const struct basis *basis, struct stats_variant *out)
{
	const struct stats *stats = basis->stats;
	double n = (double)stats->end.trade_count;
	struct closed closed = closed_of(stats);
	double days = fmax(1, floor(stats_span_days(stats)));
	double mean = closed.sum / days;

	out->cagr_pct =
		stats_cagr_pct(1, fmax(0, 1 + closed.sum), days / every_day);
	if (n < 1)
		return;
	out->sharpe = sharpe_of(mean, sqrt(closed.m2 / n), every_day);
	out->sortino = sharpe_of(
		mean, sqrt(closed.loss_m2 / closed.losers), every_day);
	out->max_drawdown_pct = -closed.fall_share * 100;
	out->calmar =
		stats_ratio(mean * 100 * sqrt(every_day), closed.fall_share);
}

static const struct {
	const char *name;
	void (*set)(const struct basis *basis, struct stats_variant *out);
} variants[STATS_VARIANTS] = {
	{"daily", daily},
	{"backtesting_py", backtesting_py},
	{"freqtrade", freqtrade},
	{"jesse", jesse},
	{"vectorbt", vectorbt},
	{"nautilus", nautilus},
};

static double *days_of(struct arena *arena, const struct stats *stats)
{
	double *out = arena_array(arena, stats->day_count, sizeof(*out));

	for (size_t i = 0; i < stats->day_count; i++)
		out[i] = stats->days[i].equity;
	return out;
}

void stats_variants(struct arena *arena, const struct stats *stats,
	struct stats_report *out)
{
	struct basis basis = {
		.stats = stats,
		.days = days_of(arena, stats),
		.day_count = stats->day_count,
	};

	basis.bins = stats_bins(arena, stats,
		offsetof(struct stats_day, equity), &basis.bin_count);
	basis.day_returns = stats_returns_of(
		arena, basis.days, basis.day_count, stats->cash);
	basis.bin_returns = stats_returns_of(
		arena, basis.bins, basis.bin_count, stats->cash);
	for (size_t i = 0; i < STATS_VARIANTS; i++) {
		struct stats_variant *variant = &out->variants[i];

		*variant = (struct stats_variant){
			variants[i].name, NAN, NAN, NAN, NAN, NAN};
		variants[i].set(&basis, variant);
	}
}
