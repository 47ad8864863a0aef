/*
 * Adds up a venue's open accounts in the user's currency. Must never add
 * paper to real money, nor leave an account out without saying why.
 */
#include "totals_private.h"

#include "live_private.h"
#include "rate_private.h"
#include "settings.h"
#include "text.h"

const char *const total_reasons[] = {
	"no_rate", "mixed_assets", "no_room", NULL};

enum {
	NO_RATE,
	MIXED_ASSETS,
	NO_ROOM,
	MEMBERS = 4
};

/* Accounts of a venue whose money is of one asset. */
struct group {
	const char *asset; /* NULL: one account, of several */
	int64_t books;
	struct desk_amounts sums;
};

/* ---- of which asset ------------------------------------------------------------ */

static const char *paper_asset(const struct limits *limits)
{
	return limits->money.paper ? limits->money.paper : "USD";
}

const char *totals_asset(const struct book *book, const char *run_symbol,
	const struct limits *limits)
{
	const struct holding *items = book->holdings.items;
	const char *asset = NULL;

	if (live_is(book->venue))
		return limits->live.quote;
	for (size_t i = 0; i < book->holdings.count; i++) {
		const char *one = rate_asset(items[i].symbol);

		if (!one)
			one = paper_asset(limits);
		if (asset && !rate_same(limits->money.equal, asset, one))
			return NULL;
		if (!asset)
			asset = one;
	}
	if (!asset)
		asset = rate_asset(run_symbol);
	return asset ? asset : paper_asset(limits);
}

/* What is of several is never added to anything. */
static struct group *group_of(struct vector *groups, const char *asset)
{
	struct group *items = groups->items;

	for (size_t i = 0; asset && i < groups->count; i++)
		if (items[i].asset && text_equal(items[i].asset, asset))
			return &items[i];
	items = vector_add(groups);
	items->asset = asset;
	return items;
}

static struct vector groups_of(struct arena *arena, const struct list *open,
	const char *venue, const struct limits *limits)
{
	const struct desk_open *items = open->items;
	struct vector groups;

	vector_init(&groups, arena, sizeof(struct group));
	for (size_t i = 0; i < open->count; i++) {
		struct group *group;

		if (!text_equal(items[i].view.venue, venue))
			continue;
		group = group_of(
			&groups, totals_asset(&items[i].book,
					 items[i].view.symbol, limits));
		desk_amounts_add(&group->sums, &items[i].amounts);
		group->books++;
	}
	return groups;
}

/* ---- what it comes to ------------------------------------------------------------ */

static void refuse(struct total_view *view, int reason, const char *detail)
{
	if (view->reason)
		return;
	view->reason = total_reasons[reason];
	view->detail = detail;
}

static enum err rate_put(struct scope *scope, const struct limits *limits,
	struct total_view *view, struct total_asset *asset)
{
	struct arena *arena = scope_arena(scope);
	const struct rate_pair pair = {
		asset->asset, view->currency, limits->money.equal};
	struct decimal *value = arena_alloc(arena, sizeof(*value));
	struct rate rate;
	enum err err = rate_find(scope, &pair, &rate);

	if (err == ERR_NOT_FOUND)
		refuse(view, NO_RATE,
			arena_format(arena, "No rate from %s to %s is stored.",
				pair.from, pair.to));
	else if (err == ERR_BAD_INPUT)
		refuse(view, NO_ROOM,
			arena_format(arena,
				"The rate from %s to %s has no room.",
				pair.from, pair.to));
	if (err == ERR_NOT_FOUND || err == ERR_BAD_INPUT)
		return ERR_OK;
	if (err != ERR_OK)
		return err;
	*value = rate.value;
	asset->rate = value;
	asset->rate_at = rate.at;
	asset->stale = rate.stale;
	asset->legs = rate.legs;
	return ERR_OK;
}

static enum err asset_show(struct scope *scope, const struct limits *limits,
	const struct group *group, struct total_view *view,
	struct total_asset *asset)
{
	*asset = (struct total_asset){.asset = group->asset,
		.books = group->books,
		.equity = desk_shown(group->sums.equity),
		.cash = desk_shown(group->sums.cash),
		.realised = desk_shown(group->sums.realised),
		.unrealised = desk_shown(group->sums.unrealised)};
	view->books += group->books;
	if (group->asset)
		return rate_put(scope, limits, view, asset);
	refuse(view, MIXED_ASSETS,
		"An account trades symbols that are priced in different "
		"assets.");
	return ERR_OK;
}

/* One member of all assets; false: it does not fit. */
static bool member_sum(
	const struct total_view *view, size_t member, struct decimal *out)
{
	const struct total_asset *items = view->assets.items;
	struct decimal sum = {0, LEDGER_SCALE};

	for (size_t i = 0; i < view->assets.count; i++) {
		const struct decimal parts[MEMBERS] = {items[i].equity,
			items[i].cash, items[i].realised, items[i].unrealised};
		struct decimal part;

		if (decimal_mul(parts[member], *items[i].rate, LEDGER_SCALE,
			    &part) != ERR_OK ||
			decimal_add(sum, part, &sum) != ERR_OK)
			return false;
	}
	*out = decimal_trim(sum);
	return true;
}

static void sum_up(struct arena *arena, struct total_view *view)
{
	struct decimal *sums = arena_array(arena, MEMBERS, sizeof(*sums));
	const struct total_asset *items = view->assets.items;

	for (size_t i = 0; !view->reason && i < MEMBERS; i++)
		if (!member_sum(view, i, &sums[i]))
			refuse(view, NO_ROOM,
				arena_format(arena,
					"The amount has no room in %s.",
					view->currency));
	if (view->reason)
		return;
	view->equity = &sums[0];
	view->cash = &sums[1];
	view->realised = &sums[2];
	view->unrealised = &sums[3];
	for (size_t i = 0; i < view->assets.count; i++)
		view->stale |= items[i].stale;
}

static enum err venue_total(struct scope *scope, const struct limits *limits,
	const struct vector *groups, struct total_view *view)
{
	struct arena *arena = scope_arena(scope);
	const struct group *items = groups->items;
	struct total_asset *assets =
		arena_array(arena, groups->count, sizeof(*assets));
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < groups->count; i++)
		err = asset_show(scope, limits, &items[i], view, &assets[i]);
	view->assets = (struct list){assets, groups->count};
	if (err == ERR_OK)
		sum_up(arena, view);
	return err;
}

enum err totals_read(struct scope *scope, const struct limits *limits,
	const struct list *open, struct list *out)
{
	struct arena *arena = scope_arena(scope);
	struct vector totals;
	const char *currency;
	enum err err = settings_currency(scope, &currency);

	vector_init(&totals, arena, sizeof(struct total_view));
	for (size_t i = 0; err == ERR_OK && order_venues[i]; i++) {
		const struct vector groups =
			groups_of(arena, open, order_venues[i], limits);
		struct total_view *view;

		if (groups.count == 0)
			continue;
		view = vector_add(&totals);
		*view = (struct total_view){
			.venue = order_venues[i], .currency = currency};
		err = venue_total(scope, limits, &groups, view);
	}
	if (err == ERR_OK)
		*out = (struct list){totals.items, totals.count};
	return err;
}
