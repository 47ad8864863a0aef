/*
 * Checked integer arithmetic of cash, quantity, price and profit. Every sum
 * that does not fit is ERR_BAD_INPUT; it must never wrap, and never round
 * but half to even at the eighth digit (quantities: down).
 */
#include "ledger_private.h"

#include <math.h>

__extension__ typedef __int128 wide;

enum {
	HUNDRED = 100
};

static enum err narrow(wide value, int64_t *out)
{
	if (value > INT64_MAX || value < INT64_MIN)
		return ERR_BAD_INPUT;
	*out = (int64_t)value;
	return ERR_OK;
}

/* by > 0 */
static wide divide_half_even(wide value, wide by)
{
	wide quotient = value / by;
	wide rest = value - quotient * by; /* sooner than % */
	int sign = value < 0 ? -1 : 1;
	wide twice = rest * 2 * sign;

	if (twice > by || (twice == by && quotient % 2 != 0))
		quotient += sign;
	return quotient;
}

/* At most 2^126, then divided: fits 128 bits. */
static enum err multiply(int64_t a, int64_t b, int64_t *out)
{
	return narrow(divide_half_even((wide)a * b, LEDGER_ONE), out);
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
		divide_half_even((wide)price * ((wide)all + percent), all),
		out);
}

/* floor(money / (price * (1 + commission))) in units of the ledger. */
static enum err affordable(
	const struct ledger *ledger, int64_t money, int64_t price, int64_t *out)
{
	wide cost = (wide)price * (LEDGER_ONE + ledger->commission_rate);
	wide value = (wide)money * LEDGER_ONE;

	if (money <= 0) {
		*out = 0;
		return ERR_OK;
	}
	if (ledger->whole_units)
		return narrow(value / cost * LEDGER_ONE, out);
	return narrow(value * LEDGER_ONE / cost, out);
}

static int64_t share_of(int64_t cash, int64_t percent)
{
	return (int64_t)((wide)cash * percent / ((wide)HUNDRED * LEDGER_ONE));
}

enum err ledger_quantity(const struct ledger *ledger, const struct rules *rules,
	int64_t price, int64_t *out)
{
	int64_t most, wanted;
	enum err err;

	switch (rules->sizing) {
	case SIZING_ALL_IN:
		break;
	case SIZING_PCT_EQUITY:
		return affordable(ledger, share_of(ledger->cash, rules->amount),
			price, out);
	case SIZING_FIXED:
		err = affordable(ledger, ledger->cash, price, &most);
		if (err)
			return err;
		wanted = rules->amount;
		if (ledger->whole_units)
			wanted -= wanted % LEDGER_ONE;
		*out = wanted <= most ? wanted : 0;
		return ERR_OK;
	}
	return affordable(ledger, ledger->cash, price, out);
}

/* The fraction of the traded value, never below 0. */
static enum err commission_of(const struct ledger *ledger, int64_t quantity,
	int64_t price, int64_t *out)
{
	int64_t value;
	enum err err = multiply(quantity, price, &value);

	if (!err && ledger->commission_rate == 0) {
		*out = 0;
		return ERR_OK;
	}
	if (err)
		return err;
	return multiply(
		value < 0 ? -value : value, ledger->commission_rate, out);
}

enum err ledger_open(struct ledger *ledger, int64_t quantity, int64_t price)
{
	int64_t commission, cash;
	enum err err = commission_of(ledger, quantity, price, &commission);

	if (err)
		return err;
	err = narrow((wide)ledger->cash - commission, &cash);
	if (err)
		return err;
	ledger->cash = cash;
	ledger->quantity = quantity;
	ledger->entry_price = price;
	ledger->entry_commission = commission;
	return ERR_OK;
}

enum err ledger_close(
	struct ledger *ledger, int64_t price, struct ledger_close *out)
{
	int64_t commission, gross, both, profit, cash;
	enum err err =
		commission_of(ledger, ledger->quantity, price, &commission);

	if (!err)
		err = narrow(
			divide_half_even(((wide)price - ledger->entry_price) *
						 ledger->quantity,
				LEDGER_ONE),
			&gross);
	if (!err)
		err = narrow(
			(wide)ledger->entry_commission + commission, &both);
	if (!err)
		err = narrow((wide)gross - both, &profit);
	if (!err)
		err = narrow((wide)ledger->cash + gross - commission, &cash);
	if (err)
		return err;
	*out = (struct ledger_close){
		.quantity = ledger->quantity,
		.entry_price = ledger->entry_price,
		.exit_price = price,
		.commission = both,
		.profit = profit,
	};
	ledger->cash = cash;
	ledger->quantity = 0;
	return ERR_OK;
}
