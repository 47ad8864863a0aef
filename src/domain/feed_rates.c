/*
 * Which rates totals need: of the assets that open accounts reckon in, to the
 * currencies that users chose. Once for all users; tells nobody who needs
 * them. Must never ask for more than one call may.
 */
#include "feeds.h"

#include "buf.h"
#include "rate_private.h"
#include "text.h"
#include "vector_private.h"

/* Those that most users have first. */
static const char currencies_sql[] =
	"SELECT coalesce(s.value, 'USD'), COUNT(*) FROM users u"
	" LEFT JOIN user_settings s ON s.user_id = u.id AND s.name = 'currency'"
	" WHERE u.disabled = 0 GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT :limit";
static const char symbols_sql[] =
	"SELECT p.symbol FROM positions p JOIN trade_accounts a"
	" ON a.user_id = p.user_id AND a.account = p.account"
	" WHERE a.closed_at IS NULL UNION SELECT r.symbol FROM strategy_runs r"
	" JOIN trade_accounts a ON a.user_id = r.user_id AND a.run_id = r.id"
	" WHERE a.closed_at IS NULL ORDER BY 1";
static const char live_sql[] =
	"SELECT EXISTS (SELECT 1 FROM trade_accounts WHERE venue = 'binance'"
	" AND closed_at IS NULL)";
static const char known_sql[] =
	"SELECT EXISTS (SELECT 1 FROM symbols WHERE symbol = :symbol)";

/* CoinGecko's names of what accounts are counted in; the rest it knows as
   currencies alone, and is reached by way of the first. */
static const struct coin {
	const char *asset, *id;
} coins[] = {{"USDT", "tether"}, {"USDC", "usd-coin"}, {"BTC", "bitcoin"},
	{"ETH", "ethereum"}, {"BNB", "binancecoin"},
	{"FDUSD", "first-digital-usd"}};

enum {
	COINS = sizeof(coins) / sizeof(coins[0]),
	CURRENCIES_MOST = 33, /* times COINS: what one call may ask about */
	NAME_MOST = 10
};

struct needs {
	struct vector assets, currencies; /* const char * */
	bool coins[COINS];
};

static bool is_there(const struct vector *names, const char *name)
{
	const char *const *items = names->items;

	for (size_t i = 0; i < names->count; i++)
		if (text_equal(items[i], name))
			return true;
	return false;
}

static void name_add(struct vector *names, const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	const size_t len = name ? strlen(name) : 0;

	if (len > 1 && len <= NAME_MOST && strspn(name, letters) == len &&
		!is_there(names, name))
		*(const char **)vector_add(names) = name;
}

/* ---- what there is ------------------------------------------------------------- */

static enum err currencies_read(
	struct admin_scope *admin, struct vector *currencies)
{
	struct rows *rows;
	bool more;
	enum err err = admin_query(admin, currencies_sql,
		BINDS(bind_int(":limit", CURRENCIES_MOST)), &rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		name_add(currencies, rows_text(rows, 0));
	rows_end(rows);
	return err;
}

static enum err assets_read(struct admin_scope *admin,
	const struct limits *limits, struct vector *assets)
{
	struct rows *rows;
	bool more;
	enum err err = admin_one(admin, live_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	name_add(assets, limits->money.paper);
	if (rows_int(rows, 0))
		name_add(assets, limits->live.quote);
	rows_end(rows);
	err = admin_query(admin, symbols_sql, NO_BINDS, &rows);
	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		name_add(assets, rate_asset(rows_text(rows, 0)));
	rows_end(rows);
	return err;
}

/* ---- what is to be asked ----------------------------------------------------------- */

/* Is any asset to be turned into a currency that it is not? */
static bool is_needed(const struct needs *needs, const char *equal)
{
	const char *const *assets = needs->assets.items;
	const char *const *currencies = needs->currencies.items;

	for (size_t i = 0; i < needs->assets.count; i++)
		for (size_t j = 0; j < needs->currencies.count; j++)
			if (!rate_same(equal, assets[i], currencies[j]))
				return true;
	return false;
}

static void coins_choose(struct needs *needs)
{
	const char *const *assets = needs->assets.items;

	for (size_t i = 0; i < needs->assets.count; i++) {
		size_t coin = 0;

		while (coin < COINS &&
			!text_equal(coins[coin].asset, assets[i]))
			coin++;
		if (coin == COINS && needs->currencies.count < CURRENCIES_MOST)
			name_add(&needs->currencies, assets[i]);
		needs->coins[coin < COINS ? coin : 0] = true;
	}
}

static struct list rates_of(
	struct arena *arena, const struct needs *needs, const char *equal)
{
	const char *const *currencies = needs->currencies.items;
	struct vector rates;

	vector_init(&rates, arena, sizeof(struct feed));
	for (size_t i = 0; i < COINS * needs->currencies.count; i++) {
		const struct coin *coin = &coins[i % COINS];
		const char *currency = currencies[i / COINS];

		if (!needs->coins[i % COINS] ||
			rate_same(equal, coin->asset, currency))
			continue;
		*(struct feed *)vector_add(&rates) =
			(struct feed){.symbol = arena_format(arena, "%s-%s",
					      coin->asset, currency),
				.source = FEED_COINGECKO,
				.native = coin->id,
				.currency = text_lower(arena, currency)};
	}
	return (struct list){rates.items, rates.count};
}

/* Without those that are symbols here: orders and stops follow their quotes,
   which nobody but their own source may give. */
static enum err symbols_leave(struct admin_scope *admin, struct list *rates)
{
	const struct feed *items = rates->items;
	struct vector kept;
	struct rows *rows;

	vector_init(&kept, admin_arena(admin), sizeof(struct feed));
	for (size_t i = 0; i < rates->count; i++) {
		enum err err = admin_one(admin, known_sql,
			BINDS(bind_text(":symbol", items[i].symbol)), &rows);

		if (err != ERR_OK)
			return err;
		if (!rows_int(rows, 0))
			*(struct feed *)vector_add(&kept) = items[i];
		rows_end(rows);
	}
	*rates = (struct list){kept.items, kept.count};
	return ERR_OK;
}

enum err feed_rates(struct admin_scope *admin, const struct limits *limits,
	struct list *out)
{
	struct arena *arena = admin_arena(admin);
	struct needs needs = {.coins = {false}};
	enum err err;

	vector_init(&needs.assets, arena, sizeof(const char *));
	vector_init(&needs.currencies, arena, sizeof(const char *));
	err = currencies_read(admin, &needs.currencies);
	if (err == ERR_OK)
		err = assets_read(admin, limits, &needs.assets);
	if (err != ERR_OK)
		return err;
	*out = (struct list){NULL, 0};
	if (!is_needed(&needs, limits->money.equal))
		return ERR_OK;
	coins_choose(&needs);
	*out = rates_of(arena, &needs, limits->money.equal);
	return symbols_leave(admin, out);
}
