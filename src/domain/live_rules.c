/*
 * An order against what the exchange said of its symbol, before it is taken.
 * Never the last word: the exchange's rules are read again when it is sent.
 */
#include "live_private.h"

#include "text.h"

static const char rules_sql[] =
	"SELECT trading, tick, price_min, price_max, step, lot_min, lot_max,"
	" value_min FROM exchange_rules WHERE venue = 'binance'"
	" AND symbol = :symbol";

struct range {
	int64_t step, min, max; /* 0: none */
};
struct rules {
	bool known, trading;
	struct range price, lot;
	int64_t value_min;
};

static enum err rules_read(
	struct scope *scope, const char *symbol, struct rules *out)
{
	struct rows *rows;
	enum err err = scope_one(
		scope, rules_sql, BINDS(bind_text(":symbol", symbol)), &rows);

	if (err == ERR_NOT_FOUND) {
		*out = (struct rules){.known = false};
		return ERR_OK;
	}
	if (err != ERR_OK)
		return err;
	*out = (struct rules){.known = true,
		.trading = rows_int(rows, 0),
		.price = {rows_int(rows, 1), rows_int(rows, 2),
			rows_int(rows, 3)},
		.lot = {rows_int(rows, 4), rows_int(rows, 5),
			rows_int(rows, 6)},
		.value_min = rows_int(rows, 7)};
	rows_end(rows);
	return ERR_OK;
}

static const char *shown(struct arena *arena, int64_t units)
{
	return decimal_format(arena, decimal_trim(ledger_decimal(units)));
}

/* What is no number of ours is order_input's to say. */
static void amount_check(struct scope *scope, const char *pointer,
	const struct decimal *value, const struct range *range)
{
	struct report *report = scope_report(scope);
	struct arena *arena = scope_arena(scope);
	int64_t units;

	if (!value || ledger_units(*value, &units) != ERR_OK || units <= 0)
		return;
	if (range->step && units % range->step != 0)
		report_fault(report, pointer,
			"must be a multiple of %s at binance",
			shown(arena, range->step));
	else if (range->min && units < range->min)
		report_fault(report, pointer, "must be at least %s at binance",
			shown(arena, range->min));
	else if (range->max && units > range->max)
		report_fault(report, pointer, "must be at most %s at binance",
			shown(arena, range->max));
}

static void value_check(struct scope *scope, const struct order_new *in,
	const struct rules *rules)
{
	int64_t quantity, price, value;

	if (!in->price || rules->value_min == 0 ||
		ledger_units(in->quantity, &quantity) != ERR_OK ||
		ledger_units(*in->price, &price) != ERR_OK ||
		ledger_value(quantity, price, &value) != ERR_OK)
		return;
	if (value < rules->value_min)
		report_fault(scope_report(scope), "/quantity",
			"must be worth at least %s at binance",
			shown(scope_arena(scope), rules->value_min));
}

enum err live_symbol_read(
	struct scope *scope, const char *symbol, struct live_symbol *out)
{
	struct rules rules;
	enum err err = rules_read(scope, symbol, &rules);

	if (err == ERR_OK)
		*out = (struct live_symbol){.known = rules.known,
			.trading = rules.trading,
			.tick = rules.price.step,
			.step = rules.lot.step,
			.lot_min = rules.lot.min,
			.value_min = rules.value_min};
	return err;
}

enum err live_rules_check(struct scope *scope, const struct order_new *in)
{
	struct rules rules;
	enum err err = rules_read(scope, in->symbol, &rules);

	if (err != ERR_OK || !rules.known)
		return err;
	if (!rules.trading)
		report_fault(scope_report(scope), "/symbol",
			"is not open for trading at binance");
	amount_check(scope, "/quantity", &in->quantity, &rules.lot);
	amount_check(scope, "/price", in->price, &rules.price);
	amount_check(scope, "/stop_price", in->stop_price, &rules.price);
	value_check(scope, in, &rules);
	return ERR_OK;
}

static void units_check(struct scope *scope, const char *pointer, int64_t units,
	const struct range *range)
{
	const struct decimal value = ledger_decimal(units);

	amount_check(scope, pointer, units ? &value : NULL, range);
}

/* What would act, or be refused, at once: the old order would be gone. */
static enum err past_check(struct scope *scope, const struct order *next,
	const struct quote *quote)
{
	const bool falls = (next->type == MATCH_TAKE_PROFIT) == next->buys;
	const bool reached =
		falls ? quote->price <= next->stop : quote->price >= next->stop;
	const bool takes = next->buys ? next->price >= quote->price
				      : next->price <= quote->price;

	if (!quote->known || quote->stale) {
		if (!next->stop)
			return ERR_OK;
		report_detail(scope_report(scope),
			"There is no fresh price: whether binance would take "
			"the new stop is not known, and the old one would be "
			"gone.");
		return ERR_CONFLICT;
	}
	if (next->stop && reached)
		report_fault(scope_report(scope), "/stop_price",
			"the price is there already, and binance would refuse "
			"it");
	if (next->post_only && takes)
		report_fault(scope_report(scope), "/price",
			"would fill at once, and it was to rest only");
	return ERR_OK;
}

enum err live_change_check(struct scope *scope, const struct order *next,
	const struct quote *quote)
{
	struct report *report = scope_report(scope);
	const int64_t left = next->quantity - next->filled;
	const size_t before = report->fault_count;
	int64_t value = 0;
	struct rules rules;
	enum err err = rules_read(scope, next->symbol, &rules);

	if (err != ERR_OK)
		return err;
	units_check(scope, "/quantity", left, &rules.lot);
	units_check(scope, "/price", next->price, &rules.price);
	units_check(scope, "/stop_price", next->stop, &rules.price);
	if (next->price && ledger_value(left, next->price, &value) == ERR_OK &&
		value < rules.value_min)
		report_fault(report, "/quantity",
			"must be worth at least %s at binance",
			shown(scope_arena(scope), rules.value_min));
	err = past_check(scope, next, quote);
	return report->fault_count == before ? err : ERR_BAD_INPUT;
}

enum err live_round(struct scope *scope, const char *symbol, int64_t *quantity)
{
	struct rules rules;
	enum err err = rules_read(scope, symbol, &rules);

	if (err != ERR_OK || rules.lot.step == 0)
		return err;
	if (*quantity < rules.lot.step || *quantity < rules.lot.min) {
		report_detail(scope_report(scope),
			"Less is held than binance trades.");
		return ERR_CONFLICT;
	}
	*quantity -= *quantity % rules.lot.step;
	return ERR_OK;
}
