/*
 * What the run of any strategy promises, whatever its rules: decisions do not
 * depend on the blocks they were computed in, nor on later bars, nor on
 * whether a rule was written as a tree or as text; trades lie within the bars
 * and add up to the equity. For tests and fuzz targets only.
 */
#ifndef TEST_STRATEGY_PROMISES_H
#define TEST_STRATEGY_PROMISES_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backtest.h"
#include "evaluate.h"
#include "expression.h"
#include "interval.h"
#include "json.h"
#include "json_write.h"
#include "program.h"
#include "strategy_maker.h"
#include "strategy_naive.h"

enum {
	PROMISE_BARS = 240,
	PROMISE_CUT = 150, /* bars of the run that knows less */
	PROMISE_TEXT = 1 << 20,
	PROMISE_BYTES = 20 << 20,    /* of one evaluator */
	PROMISE_PRICE_COSTS = 7 << 8 /* options that move a fill's price */
};

struct promises {
	struct arena *arena;
	struct report *report;
	struct candles candles;
	bool made;	  /* by the maker: within all limits */
	unsigned options; /* bits that choose the options of the run */
	size_t trades;	  /* of the run, for who counts */
	/* Does not return. */
	void (*broken)(const struct promises *promises, const char *what);
};

static inline void promise(
	const struct promises *promises, bool kept, const char *what)
{
	if (!kept)
		promises->broken(promises, what);
}

/* ---- candles --------------------------------------------------------------- */

struct promise_walk {
	uint32_t state;
	int64_t cents; /* the close */
};

static inline int64_t promise_random(struct promise_walk *walk, uint32_t n)
{
	walk->state = walk->state * 1664525U + 1013904223U;
	return (int64_t)((walk->state >> 8) % n);
}

/* Calm, then wild, now and then a jump between candles or a flat stretch. */
static inline void promise_candle(
	struct promise_walk *walk, size_t bar, double *prices[4])
{
	int64_t reach = walk->cents / (bar % 90 < 60 ? 80 : 12) + 2;
	int64_t open = walk->cents, close, low, high;

	if (promise_random(walk, 12) == 0)
		open += promise_random(walk, (uint32_t)reach * 4) - reach * 2;
	close = open + promise_random(walk, (uint32_t)reach * 2) - reach;
	/* back to where it began: no walk into nothing */
	close += (10000 - close) / 25;
	if (bar % 100 >= 80)
		close = open = walk->cents;
	low = open < close ? open : close;
	high = open < close ? close : open;
	if (bar % 100 < 80) {
		low -= promise_random(walk, (uint32_t)reach);
		high += promise_random(walk, (uint32_t)reach);
	}
	prices[0][bar] = (double)open / 100;
	prices[1][bar] = (double)high / 100;
	prices[2][bar] = (double)low / 100;
	prices[3][bar] = (double)close / 100;
	walk->cents = close;
}

/* From `begin` candles behind Monday 1 January 2024; now and then some are
   missing. */
static inline struct candles promise_candles(
	struct arena *arena, int64_t step, unsigned begin)
{
	struct promise_walk walk = {.state = 7, .cents = 10000};
	int64_t *time = arena_array(arena, PROMISE_BARS, sizeof(*time));
	double *volume = arena_array(arena, PROMISE_BARS, sizeof(*volume));
	int64_t at = 1704067200000 + step * begin;
	double *prices[4];

	for (size_t i = 0; i < 4; i++)
		prices[i] = arena_array(arena, PROMISE_BARS, sizeof(double));
	for (size_t i = 0; i < PROMISE_BARS; i++) {
		promise_candle(&walk, i, prices);
		volume[i] = (double)promise_random(&walk, 1000);
		time[i] = at;
		at += step;
		if (promise_random(&walk, 40) == 0)
			at += step * (1 + promise_random(&walk, 30));
	}
	return (struct candles){.time = time,
		.open = prices[0],
		.high = prices[1],
		.low = prices[2],
		.close = prices[3],
		.volume = volume,
		.count = PROMISE_BARS};
}

/* ---- decisions --------------------------------------------------------------- */

struct promise_decisions {
	uint8_t bits[PROMISE_BARS];
	double levels[LEVEL_COUNT][PROMISE_BARS];
	bool has[LEVEL_COUNT];
	size_t first;
};

static inline void promise_keep_block(struct promise_decisions *out,
	const struct decisions *block, size_t at, size_t count)
{
	memcpy(out->bits + at, block->bits, count);
	for (size_t k = 0; k < LEVEL_COUNT; k++) {
		out->has[k] = block->levels[k] != NULL;
		if (block->levels[k])
			memcpy(out->levels[k] + at, block->levels[k],
				count * sizeof(double));
	}
}

/* In blocks of these sizes, by turns; never shown a bar more than its block. */
static inline struct evaluator *promise_decide(const struct promises *promises,
	const struct program *program, const size_t sizes[3],
	struct promise_decisions *out)
{
	struct evaluator *evaluator = evaluator_open(promises->arena, program);
	size_t turn = 0;

	memset(out, 0, sizeof(*out));
	for (size_t at = 0; at < PROMISE_BARS;) {
		size_t count = sizes[turn++ % 3];
		struct candles known;
		struct decisions block;

		if (count > PROMISE_BARS - at)
			count = PROMISE_BARS - at;
		known = candles_slice(&promises->candles, 0, at + count);
		evaluator_block(evaluator, &known, at, count, &block);
		promise_keep_block(out, &block, at, count);
		at += count;
		promise(promises, evaluator_bars(evaluator) == at,
			"the bars seen are counted");
	}
	out->first = evaluator_first(evaluator);
	return evaluator;
}

static inline void promise_same_decisions(const struct promises *promises,
	const struct promise_decisions *a, const struct promise_decisions *b)
{
	promise(promises, memcmp(a->bits, b->bits, PROMISE_BARS) == 0,
		"decisions are the same in any blocks, as tree and as text");
	promise(promises, a->first == b->first,
		"the first bar that decides is the same in any blocks");
	/* bit by bit, so that NaN is NaN */
	promise(promises,
		memcmp(a->levels, b->levels, sizeof(a->levels)) == 0 &&
			memcmp(a->has, b->has, sizeof(a->has)) == 0,
		"levels are the same in any blocks");
	for (size_t i = 0; i < PROMISE_BARS && i < a->first; i++)
		promise(promises, a->bits[i] == 0,
			"nothing is decided before the first bar");
}

static inline void promise_explained(const struct promises *promises,
	const struct evaluator *evaluator, uint8_t bits)
{
	for (int kind = 0; kind < SIGNAL_COUNT; kind++) {
		struct explanation why = {0};

		evaluator_explain(evaluator, promises->arena,
			(enum signal_kind)kind, &why);
		promise(promises, why.held <= why.count,
			"no more conditions hold than there are");
		promise(promises, !(bits & 1U << kind) || why.fired,
			"a decision is of a rule that fired");
		for (size_t i = 0; i < why.count; i++)
			promise(promises, why.conditions[i].text != NULL,
				"each condition has a text");
	}
}

/* ---- the same rules, plainly ------------------------------------------------ */

static inline void promise_plain(const struct promises *promises,
	const struct json *definition, const struct promise_decisions *decided)
{
	static const char *const rules[SIGNAL_COUNT][2] = {
		[SIGNAL_ENTRY_LONG] = {"entry", "long"},
		[SIGNAL_ENTRY_SHORT] = {"entry", "short"},
		[SIGNAL_EXIT_LONG] = {"exit", "long"},
		[SIGNAL_EXIT_SHORT] = {"exit", "short"},
	};
	struct naive naive = naive_open(
		promises->arena, &promises->candles, definition, MAKER_PARAM);

	for (size_t k = 0; k < SIGNAL_COUNT; k++) {
		const double *flags = naive_rule(
			&naive, definition, rules[k][0], rules[k][1]);

		for (size_t i = decided->first; i < PROMISE_BARS; i++)
			promise(promises,
				(decided->bits[i] >> k & 1) ==
					(flags && flags[i] == 1),
				"a rule says what its operators mean");
	}
}

/* ---- the same rules as text -------------------------------------------------- */

static inline void promise_write_rules(const struct promises *promises,
	struct json_writer *writer, const struct json *rules)
{
	json_key(writer, rules->name);
	json_object(writer);
	for (const struct json *rule = rules->first; rule; rule = rule->next) {
		const char *text;

		json_key(writer, rule->name);
		if (expression_print(promises->arena, rule,
			    report_open(promises->arena), &text) == ERR_OK)
			json_put_text(writer, text);
		else
			json_put_value(writer, rule);
	}
	json_object_end(writer);
}

static inline const struct json *promise_as_text(
	const struct promises *promises, const struct json *definition)
{
	const struct json *out = NULL;
	struct json_writer writer;
	struct buf text;

	buf_init(&text, promises->arena, PROMISE_TEXT);
	json_write_init(&writer, &text);
	json_object(&writer);
	for (const struct json *m = definition->first; m; m = m->next) {
		if (m->kind == JSON_OBJECT &&
			(strcmp(m->name, "entry") == 0 ||
				strcmp(m->name, "exit") == 0)) {
			promise_write_rules(promises, &writer, m);
			continue;
		}
		json_key(&writer, m->name);
		json_put_value(&writer, m);
	}
	json_object_end(&writer);
	if (text.overflow || json_parse(promises->arena, text.data, text.len,
				     promises->report, &out) != ERR_OK)
		return definition;
	return out;
}

/* ---- money ------------------------------------------------------------------- */

static inline void promise_stats(
	const struct promises *promises, const struct backtest_stats *stats)
{
	const double figures[] = {stats->exposure_pct, stats->equity_final,
		stats->equity_peak, stats->commissions, stats->return_pct,
		stats->buy_hold_return_pct, stats->return_ann_pct,
		stats->volatility_ann_pct, stats->cagr_pct, stats->sharpe,
		stats->sortino, stats->calmar, stats->alpha_pct, stats->beta,
		stats->max_drawdown_pct, stats->avg_drawdown_pct,
		stats->win_rate_pct, stats->best_trade_pct,
		stats->worst_trade_pct, stats->avg_trade_pct,
		stats->profit_factor, stats->expectancy_pct, stats->sqn,
		stats->kelly};

	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		promise(promises, !isinf(figures[i]),
			"a statistic is finite or not known");
	promise(promises,
		isfinite(stats->equity_final) && isfinite(stats->equity_peak) &&
			isfinite(stats->commissions),
		"money is finite");
}

static inline double promise_money(struct decimal value)
{
	return decimal_double(value);
}

/* Within the candle, but for the last digit of a level. */
static inline bool promise_in_candle(
	const struct candles *candles, size_t bar, double price)
{
	return price >= candles->low[bar] - 1e-7 &&
	       price <= candles->high[bar] + 1e-7;
}

static inline void promise_trade(const struct promises *promises,
	const struct backtest_trade *trade, size_t first)
{
	const struct candles *candles = &promises->candles;
	double size = promise_money(trade->size);
	double entry = promise_money(trade->entry_price);
	double leave = promise_money(trade->exit_price);
	double gross = size * (leave - entry);
	double net = gross - promise_money(trade->commission);

	promise(promises,
		trade->entry_bar <= trade->exit_bar &&
			trade->exit_bar < candles->count &&
			trade->entry_bar >= first,
		"a trade lies within the bars that decide");
	promise(promises,
		trade->entry_time == candles->time[trade->entry_bar] &&
			trade->exit_time == candles->time[trade->exit_bar],
		"a trade's times are those of its bars");
	promise(promises,
		fabs(promise_money(trade->commission) -
			promise_money(trade->entry_fee) -
			promise_money(trade->exit_fee)) < 1e-9,
		"the commission is that of both sides");
	promise(promises, size != 0 && isfinite(size) && entry > 0 && leave > 0,
		"a trade has a size and prices");
	promise(promises,
		promises->options & PROMISE_PRICE_COSTS ||
			(promise_in_candle(candles, trade->entry_bar, entry) &&
				promise_in_candle(
					candles, trade->exit_bar, leave)),
		"without costs of the price, a fill lies within its candle");
	promise(promises,
		fabs(net - promise_money(trade->pnl)) <=
			1e-7 + 1e-12 * fabs(size) * (entry + leave),
		"the profit is the move times the size, less commission");
	promise(promises,
		isfinite(trade->return_pct) && trade->exit_reason != NULL,
		"a trade has a return and a reason");
}

/* What each bar adds: to the money that is there whatever the close, and to
   the size that moves with it. */
struct promise_change {
	double money, size;
};

static inline void promise_changes(
	const struct backtest_result *result, struct promise_change *changes)
{
	for (size_t i = 0; i < result->trade_count; i++) {
		const struct backtest_trade *trade = &result->trades[i];
		struct promise_change *in = &changes[trade->entry_bar];
		struct promise_change *out = &changes[trade->exit_bar];
		double size = promise_money(trade->size);
		double entry = promise_money(trade->entry_price);
		double paid = size * entry + promise_money(trade->entry_fee);

		in->size += size;
		in->money -= paid;
		out->size -= size;
		out->money += paid + promise_money(trade->pnl);
	}
}

/* Of a run that was finalised: no position is left out of the trades. */
static inline void promise_adds_up(const struct promises *promises,
	const struct backtest_result *result,
	const struct backtest_options *options)
{
	struct promise_change changes[PROMISE_BARS] = {{0, 0}};
	double money = promise_money(options->cash), size = 0;

	promise_changes(result, changes);
	for (size_t i = 0; i < promises->candles.count; i++) {
		double is = result->equity[i], worth;

		money += changes[i].money;
		size += changes[i].size;
		worth = money + size * promises->candles.close[i];
		promise(promises, isfinite(is) && is >= 0,
			"equity is finite and never below nothing");
		if (result->ruined && is == 0)
			continue;
		promise(promises, fabs(is - worth) <= 1e-6 + 1e-9 * fabs(worth),
			"equity is cash and the open position");
	}
}

static inline void promise_result(const struct promises *promises,
	const struct backtest_result *result, size_t first)
{
	for (size_t i = 0; i < result->trade_count; i++) {
		promise_trade(promises, &result->trades[i], first);
		promise(promises,
			i == 0 || result->trades[i].exit_bar >=
					  result->trades[i - 1].exit_bar,
			"trades are in the order of their ends");
	}
	promise_stats(promises, &result->stats);
}

/* False when it was refused, as it may be, with a fault. */
static inline bool promise_run(const struct promises *promises,
	const struct program *program, const struct backtest_options *options,
	size_t bars, struct backtest_result *out)
{
	struct candles candles = candles_slice(&promises->candles, 0, bars);
	const struct backtest_input input = {
		.program = program, .candles = &candles, .options = options};
	struct report *report = report_open(promises->arena);

	if (backtest_run(promises->arena, &input, report, out) == ERR_OK)
		return true;
	promise(promises, report->fault_count > 0, "a refusal has a fault");
	promise(promises, !promises->made, "what was made can be run");
	return false;
}

static inline bool promise_same_trade(
	const struct backtest_trade *a, const struct backtest_trade *b)
{
	return a->entry_bar == b->entry_bar && a->exit_bar == b->exit_bar &&
	       a->size.units == b->size.units &&
	       a->entry_price.units == b->entry_price.units &&
	       a->exit_price.units == b->exit_price.units &&
	       a->pnl.units == b->pnl.units &&
	       strcmp(a->exit_reason, b->exit_reason) == 0;
}

/* Who knew less of the future traded the same until then. */
static inline void promise_causal(const struct promises *promises,
	const struct program *program, struct backtest_options options)
{
	struct backtest_result all = {0}, part = {0};

	options.finalize = false;
	if (!promise_run(promises, program, &options, PROMISE_BARS, &all) ||
		!promise_run(promises, program, &options, PROMISE_CUT, &part))
		return;
	promise(promises, part.trade_count <= all.trade_count,
		"later bars take no trade away");
	for (size_t i = 0; i < part.trade_count; i++)
		promise(promises,
			promise_same_trade(&all.trades[i], &part.trades[i]),
			"later bars change no trade");
	promise(promises,
		part.trade_count == all.trade_count ||
			all.trades[part.trade_count].exit_bar >= PROMISE_CUT,
		"later bars add no earlier trade");
	/* on the last close itself nothing is opened */
	promise(promises,
		memcmp(all.equity, part.equity,
			(PROMISE_CUT - 1) * sizeof(double)) == 0,
		"later bars change no equity");
}

/* Bits 4 to 7 choose blocks and where the candles begin. */
static inline struct backtest_options promise_options(unsigned bits)
{
	return (struct backtest_options){
		.cash = {.units = 10000, .scale = 0},
		.commission = {.units = bits & 1 ? 25 : 0, .scale = 4},
		.whole_units = bits & 2,
		.fill_on_close = bits & 4,
		.trade_limit = bits & 8 ? 5 : 0,
		.spread = {.units = bits >> 8 & 1, .scale = 3},
		.slippage = {.units = bits >> 9 & 1, .scale = 3},
		.tick = {.units = bits >> 10 & 1 ? 5 : 0, .scale = 2},
		.lot = {.units = bits & 2 ? 0 : bits >> 11 & 1, .scale = 2},
		.fee_fixed = {.units = bits >> 12 & 1, .scale = 0},
		.margin = {.units = bits >> 13 & 1 ? 5 : 0, .scale = 1},
		.long_only = bits >> 14 & 1,
		.touch_fills = bits >> 15 & 1,
		.maker_and_taker = bits >> 16 & 1,
		.fee_maker = {.units = bits >> 16 & 1, .scale = 3},
		.fee_taker = {.units = bits >> 16 & 1 ? 2 : 0, .scale = 3},
		.min_notional = {.units = bits >> 17 & 1 ? 500 : 0, .scale = 0},
		.finalize = true,
	};
}

/* ---- all ----------------------------------------------------------------------- */

static inline struct program *promise_compile(const struct promises *promises,
	const struct json *definition, struct report *report)
{
	const struct program_source source = {
		.definition = definition, .pointer = "/d"};
	struct program *program = NULL;

	if (program_compile(promises->arena, &source, report, &program) ==
		ERR_OK) {
		promise(promises, report->fault_count == 0,
			"what compiles has no fault");
		return program;
	}
	promise(promises, report->fault_count > 0,
		"what is refused has a fault");
	for (size_t i = 0; i < report->fault_count; i++)
		promise(promises,
			report->faults[i].message[0] != '\0' &&
				strncmp(report->faults[i].pointer, "/d", 2) ==
					0,
			"each fault says where and what");
	return NULL;
}

/* The first bar that decides. */
static inline size_t promises_of_decisions(const struct promises *promises,
	const struct json *definition, const struct program *program)
{
	static const size_t whole[3] = {
		EVALUATE_BLOCK, EVALUATE_BLOCK, EVALUATE_BLOCK};
	static const size_t ones[3] = {1, 1, 1};
	static const size_t mixed[3] = {1, 64, 7};
	struct promise_decisions *decided =
		arena_array(promises->arena, 2, sizeof(*decided));
	const struct program *text =
		promise_compile(promises, promise_as_text(promises, definition),
			report_open(promises->arena));
	const struct evaluator *evaluator =
		promise_decide(promises, program, whole, &decided[0]);

	promise_explained(
		promises, evaluator, decided[0].bits[PROMISE_BARS - 1]);
	promise(promises, text || !promises->made,
		"what compiles as a tree compiles as text");
	(void)promise_decide(promises, text ? text : program,
		promises->options & 16 ? ones : mixed, &decided[1]);
	promise_same_decisions(promises, &decided[0], &decided[1]);
	if (promises->made)
		promise_plain(promises, definition, &decided[0]);
	return decided[0].first;
}

/* False when the definition does not compile. promises->candles is set. */
static inline bool promises_kept(
	struct promises *promises, const struct json *definition)
{
	struct program *program =
		promise_compile(promises, definition, promises->report);
	struct backtest_options options = promise_options(promises->options);
	struct backtest_result result = {0};
	size_t first;

	if (!program)
		return false;
	if (evaluator_bytes(program) > PROMISE_BYTES)
		return true;
	promises->candles = promise_candles(promises->arena,
		interval_ms(program_interval(program)),
		promises->options >> 5 & 7);
	first = promises_of_decisions(promises, definition, program);
	if (promise_run(promises, program, &options, PROMISE_BARS, &result)) {
		promise_result(promises, &result, first);
		promise_adds_up(promises, &result, &options);
		promises->trades = result.trade_count;
	}
	promise_causal(promises, program, options);
	return true;
}

#endif
