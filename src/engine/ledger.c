/*
 * Checked integer arithmetic of cash, fees, prices and profit. Every sum
 * that does not fit is ERR_BAD_INPUT; it must never wrap, and never round
 * but half to even at the eighth digit (fills: against us).
 */
#include "ledger_private.h"

#include <math.h>

enum {
	HUNDRED = 100
};

static enum err narrow(ledger_wide value, int64_t *out)
{
	if (value > INT64_MAX || value < INT64_MIN)
		return ERR_BAD_INPUT;
	*out = (int64_t)value;
	return ERR_OK;
}

/* by > 0 */
static ledger_wide divide_half_even(ledger_wide value, ledger_wide by)
{
	ledger_wide quotient = value / by;
	ledger_wide rest = value - quotient * by; /* sooner than % */
	int sign = value < 0 ? -1 : 1;
	ledger_wide twice = rest * 2 * sign;

	if (twice > by || (twice == by && quotient % 2 != 0))
		quotient += sign;
	return quotient;
}

/* At most 2^126, then divided: fits 128 bits. */
enum err ledger_times(int64_t value, int64_t by, int64_t *out)
{
	return narrow(
		divide_half_even((ledger_wide)value * by, LEDGER_ONE), out);
}

enum err ledger_units(struct decimal value, int64_t *out)
{
	struct decimal scaled;

	if (decimal_rescale(value, LEDGER_SCALE, &scaled) != ERR_OK ||
		decimal_compare(value, scaled) != 0)
		return ERR_BAD_INPUT;
	*out = scaled.units;
	return ERR_OK;
}

struct decimal ledger_decimal(int64_t units)
{
	return (struct decimal){.units = units, .scale = LEDGER_SCALE};
}

enum err ledger_price(double price, int64_t *out)
{
	double units = price * LEDGER_ONE;

	/* The first double that a 64-bit integer cannot hold is 2^63. */
	if (!(units >= 0.5) || !(units < 0x1p63))
		return ERR_BAD_INPUT;
	*out = llround(units);
	return ERR_OK;
}

double ledger_double(int64_t units)
{
	return (double)units / LEDGER_ONE;
}

enum err ledger_move(int64_t price, int64_t percent, int64_t *out)
{
	const int64_t all = (int64_t)HUNDRED * LEDGER_ONE;

	return narrow(
		divide_half_even(
			(ledger_wide)price * ((ledger_wide)all + percent), all),
		out);
}

static int64_t common_divisor(int64_t a, int64_t b)
{
	while (b) {
		int64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

void ledger_begin(
	struct ledger *ledger, const struct ledger_costs *costs, int64_t cash)
{
	int64_t rate = costs->margin + costs->fee_taker;
	int64_t by = common_divisor(rate, LEDGER_ONE);

	*ledger = (struct ledger){
		.costs = *costs,
		.cash = cash,
		.rate = rate / by,
		.rate_one = LEDGER_ONE / by,
	};
}

/* Rounded up when we buy. */
static ledger_wide round_against(ledger_wide value, ledger_wide by, bool buys)
{
	ledger_wide quotient = value / by;

	return quotient + (buys && quotient * by != value);
}

enum err ledger_fill(const struct ledger_costs *costs, int64_t price, bool buys,
	bool rests, int64_t *out)
{
	/* Twice the fraction: half a spread may be half a unit. */
	const ledger_wide one = (ledger_wide)2 * LEDGER_ONE;
	ledger_wide against = costs->spread + (rests ? 0 : 2 * costs->slippage);
	ledger_wide value = price;

	if (against)
		value = round_against(
			value * (buys ? one + against : one - against), one,
			buys);
	if (costs->tick)
		value = round_against(value, costs->tick, buys) * costs->tick;
	return value > 0 ? narrow(value, out) : ERR_BAD_INPUT;
}

/* The fraction of the traded value and what each fill costs. */
static enum err fee_of(const struct ledger *ledger, ledger_wide value,
	int64_t rate, int64_t *out)
{
	int64_t money, fee;
	enum err err;

	if (value < 0)
		value = -value;
	if (value > (ledger_wide)INT64_MAX * LEDGER_ONE)
		return ERR_BAD_INPUT;
	*out = ledger->costs.fee_fixed;
	if (rate == 0)
		return ERR_OK;
	err = narrow(divide_half_even(value, LEDGER_ONE), &money);
	if (!err)
		err = ledger_times(money, rate, &fee);
	return err ? err : narrow((ledger_wide)*out + fee, out);
}

enum err ledger_enter(
	struct ledger *ledger, int64_t quantity, int64_t price, struct lot *out)
{
	ledger_wide value = (ledger_wide)quantity * price;
	int64_t fee, cash, total;
	enum err err = fee_of(ledger, value, ledger->costs.fee_taker, &fee);

	if (!err)
		err = narrow((ledger_wide)ledger->cash - fee, &cash);
	if (!err)
		err = narrow((ledger_wide)ledger->quantity + quantity, &total);
	if (err)
		return err;
	ledger->cash = cash;
	ledger->quantity = total;
	ledger->cost += value;
	*out = (struct lot){.quantity = quantity, .price = price, .fee = fee};
	return ERR_OK;
}

enum err ledger_leave(struct ledger *ledger, const struct lot *lot,
	int64_t price, bool rests, struct ledger_close *out)
{
	ledger_wide value = (ledger_wide)lot->quantity * price;
	ledger_wide cost = (ledger_wide)lot->quantity * lot->price;
	int64_t fee, fees, gross, profit, cash;
	enum err err = fee_of(ledger, value,
		rests ? ledger->costs.fee_maker : ledger->costs.fee_taker,
		&fee);

	if (!err)
		err = narrow(
			divide_half_even(value - cost, LEDGER_ONE), &gross);
	if (!err)
		err = narrow((ledger_wide)lot->fee + fee, &fees);
	if (!err)
		err = narrow((ledger_wide)gross - fees, &profit);
	if (!err)
		err = narrow((ledger_wide)ledger->cash + gross - fee, &cash);
	if (err)
		return err;
	ledger->cash = cash;
	ledger->quantity -= lot->quantity;
	ledger->cost -= cost;
	*out = (struct ledger_close){
		.quantity = lot->quantity,
		.entry_price = lot->price,
		.exit_price = price,
		.entry_fee = lot->fee,
		.exit_fee = fee,
		.fees = fees,
		.profit = profit,
	};
	return ERR_OK;
}

double ledger_base(const struct ledger *ledger)
{
	const double scale = (double)LEDGER_ONE * LEDGER_ONE;

	if (ledger->quantity == 0)
		return ledger_double(ledger->cash);
	return (double)((ledger_wide)ledger->cash * LEDGER_ONE - ledger->cost) /
	       scale;
}
