/*
 * Per-user settings: preferences that are read back, and secrets that are
 * only ever sealed here (kontor.fcgi cannot open them).
 */
#ifndef DOMAIN_SETTINGS_H
#define DOMAIN_SETTINGS_H

#include "key_state.h"
#include "scope.h"
#include "shape.h"

struct vault;

struct secret_view {
	bool set;
	const char *hint;		    /* "…abcd", NULL when not set */
	const struct timestamp *updated_at; /* NULL when not set */
};

struct settings {
	const char *currency, *timezone, *theme, *default_symbol;
	const char *summary_time; /* "HH:MM", of the time zone */
	bool notifications;
	struct secret_view binance_api_key, binance_secret, coingecko_api_key,
		telegram_token, telegram_chat_id;
	struct key_view exchange_keys; /* the two of Binance */
};

struct settings_patch { /* absent keeps, null clears to the default */
	struct patch_text currency, timezone, theme, default_symbol,
		summary_time, notifications; /* "true" | "false" */
	struct patch_text binance_api_key, binance_secret, coingecko_api_key,
		telegram_token, telegram_chat_id;
};

MUST_CHECK enum err settings_get(struct scope *scope, struct settings *out);
/* That one alone. */
MUST_CHECK enum err settings_currency(struct scope *scope, const char **out);
/* One transaction: all members or none. Answers the new settings. */
MUST_CHECK enum err settings_update(struct scope *scope, struct vault *vault,
	const struct settings_patch *in, struct settings *out);
/* The parts of that, in a transaction of the caller: what is stored (names of
   all, texts of preferences), a patch's member by its name (NULL: no such
   setting), its faults, and writing it. */
MUST_CHECK enum err settings_stored(struct scope *scope,
	struct text_list *names, struct settings_patch *preferences);
struct patch_text *settings_patch_member(
	struct settings_patch *patch, const char *name);
MUST_CHECK enum err settings_patch_check(
	struct report *report, const struct settings_patch *in);
MUST_CHECK enum err settings_write(struct scope *scope, struct vault *vault,
	const struct settings_patch *in);
/* True when the patch touches a secret (fresh password needed). */
bool settings_patch_is_sensitive(const struct settings_patch *in);
/* Names, never values, of the secrets it touches: "binance_secret
   telegram_token removed". */
const char *settings_patch_secrets(
	struct arena *arena, const struct settings_patch *in);

#endif
