/* How totals are shown, with each rate that they were made with. */
#include "totals_private.h"

#include "orders.h"
#include "totals.h"

static const struct field leg_fields[] = {
	FIELD(struct rate_leg, symbol, .doc = "whose price it is"),
	FIELD(struct rate_leg, source,
		.doc = "who gave it; setting: CURRENCIES_EQUAL says that both "
		       "are the same money"),
	FIELD(struct rate_leg, price, .doc = "as it is stored"),
	FIELD(struct rate_leg, inverse,
		.doc = "true: divided by it, false: multiplied"),
	FIELD(struct rate_leg, at, .nullable = true,
		.doc = "of the price; null: of a setting"),
	FIELD(struct rate_leg, stale, .doc = "it is older than it ought to be"),
};
static const struct shape leg_shape =
	SHAPE("rate_leg", struct rate_leg, leg_fields);

static const struct field asset_fields[] = {
	FIELD(struct total_asset, asset, .nullable = true,
		.doc = "of the money; null: one account, of symbols that are "
		       "priced in several"),
	FIELD(struct total_asset, books, .doc = "accounts that are open in it"),
	FIELD(struct total_asset, equity, .doc = "cash and positions"),
	FIELD(struct total_asset, cash, .doc = "money"),
	FIELD(struct total_asset, realised, .doc = "before fees"),
	FIELD(struct total_asset, unrealised, .doc = "of what is held"),
	FIELD(struct total_asset, rate, .nullable = true,
		.doc = "to the currency; null: there is none"),
	FIELD(struct total_asset, rate_at, .nullable = true,
		.doc = "of the oldest price in it; null: of none"),
	FIELD(struct total_asset, stale,
		.doc = "a price in it is older than it ought to be"),
	FIELD_LIST(struct total_asset, legs, leg_shape,
		.doc = "the prices that it was made of; none for the currency "
		       "itself"),
};
static const struct shape asset_shape =
	SHAPE("total_asset", struct total_asset, asset_fields);

static const struct field total_fields[] = {
	FIELD(struct total_view, venue, .one_of = order_venues, .doc = "where"),
	FIELD(struct total_view, currency, .doc = "mine, of the settings"),
	FIELD(struct total_view, books, .doc = "accounts that are open there"),
	FIELD(struct total_view, equity, .nullable = true,
		.doc = "cash and positions; null, as the next three: see "
		       "reason"),
	FIELD(struct total_view, cash, .nullable = true, .doc = "money"),
	FIELD(struct total_view, realised, .nullable = true,
		.doc = "before fees, at the rate of now"),
	FIELD(struct total_view, unrealised, .nullable = true,
		.doc = "of what is held"),
	FIELD(struct total_view, reason, .nullable = true,
		.one_of = total_reasons, .doc = "why there is no total"),
	FIELD(struct total_view, detail, .nullable = true,
		.doc = "the same in words"),
	FIELD(struct total_view, stale,
		.doc = "a rate is older than it ought to be"),
	FIELD_LIST(struct total_view, assets, asset_shape,
		.doc = "the same, by asset, as it stands there"),
};
const struct shape total_shape =
	SHAPE("total", struct total_view, total_fields);
