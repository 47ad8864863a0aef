/*
 * What a fill costs, for the simulator and for the paper venue alike: price,
 * fee and value in integers scaled by 1e-8. Must never wrap, and never round
 * a price in our favour.
 */
#include "ledger_private.h"

/* At most 2^126, then divided: fits 128 bits. */
enum err ledger_times(int64_t value, int64_t by, int64_t *out)
{
	return ledger_narrow(
		ledger_divide((ledger_wide)value * by, LEDGER_ONE), out);
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
	return value > 0 ? ledger_narrow(value, out) : ERR_BAD_INPUT;
}

/* The fraction of the traded value and what each fill costs. */
enum err ledger_fee(const struct ledger_costs *costs, ledger_wide value,
	bool rests, int64_t *out)
{
	const int64_t rate = rests ? costs->fee_maker : costs->fee_taker;
	int64_t money, fee;
	enum err err;

	if (value < 0)
		value = -value;
	if (value > (ledger_wide)INT64_MAX * LEDGER_ONE)
		return ERR_BAD_INPUT;
	*out = costs->fee_fixed;
	if (rate == 0)
		return ERR_OK;
	err = ledger_narrow(ledger_divide(value, LEDGER_ONE), &money);
	if (!err)
		err = ledger_times(money, rate, &fee);
	return err ? err : ledger_narrow((ledger_wide)*out + fee, out);
}

enum err ledger_value(int64_t quantity, int64_t price, int64_t *out)
{
	return ledger_times(quantity, price, out);
}

enum err ledger_charge(const struct ledger_costs *costs, int64_t quantity,
	int64_t price, bool rests, int64_t *out)
{
	return ledger_fee(costs, (ledger_wide)quantity * price, rests, out);
}

int64_t ledger_share(int64_t amount, int64_t part, int64_t whole)
{
	return (int64_t)ledger_divide((ledger_wide)amount * part, whole);
}
