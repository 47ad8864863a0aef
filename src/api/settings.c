/*
 * One's own settings. Whatever touches a secret needs a password given a
 * short while ago; API keys have none, so they never get there.
 */
#include "settings_api.h"

#include "text.h"

static const struct field secret_fields[] = {
	FIELD(struct secret_view, set, .doc = "is there one?"),
	FIELD(struct secret_view, hint, .nullable = true,
		.doc = "its last four characters at most"),
	FIELD(struct secret_view, updated_at, .nullable = true,
		.doc = "when it was written"),
};
static const struct shape secret_shape =
	SHAPE("secret", struct secret_view, secret_fields);

static const struct field key_fields[] = {
	FIELD(struct key_view, state, .one_of = key_states,
		.doc = "missing: not both are stored; unchecked: the exchange "
		       "was not asked yet, which it is while live trading is "
		       "on"),
	FIELD(struct key_view, reason, .nullable = true,
		.doc = "why they are refused, such as key_can_withdraw"),
	FIELD(struct key_view, detail, .nullable = true,
		.doc = "the same in words"),
	FIELD(struct key_view, rights_known,
		.doc = "did the exchange say what they may do? false: the "
		       "next three say nothing"),
	FIELD(struct key_view, can_trade, .doc = "place orders"),
	FIELD(struct key_view, can_withdraw,
		.doc = "take money out; such keys are never used"),
	FIELD(struct key_view, bound_to_address,
		.doc = "they hold for given addresses alone"),
	FIELD(struct key_view, checked_at, .nullable = true,
		.doc = "when the exchange was asked; null: it was not"),
};
static const struct shape key_shape =
	SHAPE("exchange_keys", struct key_view, key_fields);

static const char *const themes[] = {"system", "light", "dark", NULL};
static const struct field settings_fields[] = {
	FIELD(struct settings, currency, .doc = "ISO 4217 code for display"),
	FIELD(struct settings, timezone, .doc = "IANA time zone for display"),
	FIELD(struct settings, theme, .one_of = themes,
		.doc = "of the dashboard"),
	FIELD(struct settings, default_symbol, .nullable = true,
		.doc = "the symbol chosen first"),
	FIELD(struct settings, summary_time,
		.doc = "when the daily summary comes, in that time zone"),
	FIELD(struct settings, notifications, .doc = "send notifications?"),
	FIELD_OBJECT(struct settings, binance_api_key, secret_shape,
		.doc = "Binance API key"),
	FIELD_OBJECT(struct settings, binance_secret, secret_shape,
		.doc = "Binance secret"),
	FIELD_OBJECT(struct settings, coingecko_api_key, secret_shape,
		.doc = "CoinGecko API key"),
	FIELD_OBJECT(struct settings, telegram_token, secret_shape,
		.doc = "Telegram bot token"),
	FIELD_OBJECT(struct settings, telegram_chat_id, secret_shape,
		.doc = "Telegram chat id"),
	FIELD_OBJECT(struct settings, exchange_keys, key_shape,
		.doc = "what the exchange says of the two of Binance"),
};
const struct shape settings_shape =
	SHAPE("settings", struct settings, settings_fields);

/* clang-format off */
#define PATCH_FIELD(member, ...)                                           \
	{ .name = #member, .kind = SHAPE_PATCH,                            \
	  .offset = offsetof(struct settings_input, patch.member), __VA_ARGS__ }
/* clang-format on */
#define SECRET_FIELD(member, about)                               \
	PATCH_FIELD(member, .secret = true, .min = 1, .max = 512, \
		.doc = about "; null removes it")
static const struct field settings_input_fields[] = {
	PATCH_FIELD(currency, .min = 3, .max = 3,
		.doc = "ISO 4217 code; null: USD"),
	PATCH_FIELD(timezone, .min = 1, .max = 64,
		.doc = "IANA time zone; null: UTC"),
	PATCH_FIELD(theme, .one_of = themes, .doc = "null: system"),
	PATCH_FIELD(default_symbol, .min = 1, .max = 32,
		.doc = "a symbol such as BTC-USD; null: none"),
	PATCH_FIELD(summary_time, .min = 5, .max = 5,
		.doc = "HH:MM, when the daily summary comes; null: 08:00"),
	FIELD(struct settings_input, notifications,
		.doc = "true or false; null: true"),
	SECRET_FIELD(binance_api_key, "Binance API key"),
	SECRET_FIELD(binance_secret, "Binance secret"),
	SECRET_FIELD(coingecko_api_key, "CoinGecko API key"),
	SECRET_FIELD(telegram_token, "Telegram bot token"),
	SECRET_FIELD(telegram_chat_id, "Telegram chat id"),
};
const struct shape settings_input_shape =
	SHAPE("settings_change", struct settings_input, settings_input_fields);

/* true, "true", false, "false", null; what is wrong stays for the rule. */
static struct patch_text notifications_of(const struct json *value)
{
	if (!value)
		return (struct patch_text){.kind = PATCH_KEEP};
	if (value->kind == JSON_NULL)
		return (struct patch_text){.kind = PATCH_CLEAR};
	if (value->kind == JSON_BOOL)
		return (struct patch_text){
			.kind = PATCH_SET,
			.text = value->truth ? "true" : "false",
		};
	return (struct patch_text){
		.kind = PATCH_SET,
		.text = value->kind == JSON_TEXT ? value->text : "",
	};
}

/* PUT replaces the preferences: what is absent gets its default. */
static void clear_absent(struct settings_patch *patch)
{
	struct patch_text *preferences[] = {&patch->currency, &patch->timezone,
		&patch->theme, &patch->default_symbol, &patch->summary_time,
		&patch->notifications};

	for (size_t i = 0; i < sizeof(preferences) / sizeof(preferences[0]);
		i++)
		if (preferences[i]->kind == PATCH_KEEP)
			preferences[i]->kind = PATCH_CLEAR;
}

static enum err update(struct call *call, struct scope *scope,
	const struct settings_patch *patch, void *out)
{
	if (!settings_patch_is_sensitive(patch))
		return settings_update(
			scope, call->services->vault, patch, out);
	call->audit_event = "settings.secrets.changed";
	call->audit_detail = settings_patch_secrets(call->arena, patch);
	if (!auth_is_fresh(
		    call->services->auth, &call->identity, call->who_calls.now))
		return ERR_REAUTH_REQUIRED;
	return settings_update(scope, call->services->vault, patch, out);
}

enum err handle_settings(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	(void)call;
	(void)input;
	return settings_get(scope, out);
}

enum err handle_settings_put(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct settings_input *in = input;
	struct settings_patch patch = in->patch;

	patch.notifications = notifications_of(in->notifications);
	clear_absent(&patch);
	return update(call, scope, &patch, out);
}

enum err handle_settings_patch(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct settings_input *in = input;
	struct settings_patch patch = in->patch;

	patch.notifications = notifications_of(in->notifications);
	return update(call, scope, &patch, out);
}
