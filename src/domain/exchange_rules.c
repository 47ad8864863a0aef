/* What an exchange said of a symbol, written down for live_rules.c. */
#include "exchange.h"

static const char put_sql[] =
	"INSERT INTO exchange_rules (venue, symbol, trading, tick, price_min,"
	" price_max, step, lot_min, lot_max, value_min, read_at) VALUES"
	" ('binance', :symbol, :trading, :tick, :price_min, :price_max, :step,"
	" :lot_min, :lot_max, :value_min, :now) ON CONFLICT (venue, symbol)"
	" DO UPDATE SET trading = excluded.trading, tick = excluded.tick,"
	" price_min = excluded.price_min, price_max = excluded.price_max,"
	" step = excluded.step, lot_min = excluded.lot_min,"
	" lot_max = excluded.lot_max, value_min = excluded.value_min,"
	" read_at = excluded.read_at";

enum err exchange_rules_put(
	struct admin_scope *admin, const struct exchange_rules *in)
{
	return admin_run(admin, put_sql,
		BINDS(bind_text(":symbol", in->symbol),
			bind_int(":trading", in->trading),
			bind_int(":tick", in->tick),
			bind_int(":price_min", in->price_min),
			bind_int(":price_max", in->price_max),
			bind_int(":step", in->step),
			bind_int(":lot_min", in->lot_min),
			bind_int(":lot_max", in->lot_max),
			bind_int(":value_min", in->value_min),
			bind_int(":now", admin_now(admin))),
		NULL);
}
