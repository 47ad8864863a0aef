/*
 * What all kinds of channels need, and which is told how. What the other side
 * answers is turned into words of ours: an answer may hold anything. Must
 * never put a token, an address or a key into an outcome.
 */
#include "notifier_private.h"

#include "secret.h"
#include "text.h"
#include "user_secrets.h"

enum {
	ANSWER_LIMIT = 64 << 10,
	/* Other jobs of this process wait meanwhile. */
	CONNECT_MS = 2000,
	OURS_MS = 5000,
	THEIRS_MS = 4000,
	RETRY_MOST_S = 24 * 3600
};

static const struct notify_outcome later = {.why = "It could not be sent now."};

/* ---- opening ------------------------------------------------------------------- */

static enum err outbounds_open(const struct config *config, struct arena *arena,
	struct notifier *notifier)
{
	const char **hosts = arena_array(arena, 2, sizeof(*hosts));
	const struct outbound_options ours = {.hosts = hosts,
		.loopback = true,
		.body_limit = ANSWER_LIMIT,
		.connect_ms = CONNECT_MS,
		.total_ms = OURS_MS};
	const struct outbound_options theirs = {.any_host = true,
		.loopback = true,
		.body_limit = ANSWER_LIMIT,
		.connect_ms = CONNECT_MS,
		.total_ms = THEIRS_MS};
	const char *host = strstr(config->telegram_url, "://");
	enum err err;

	host = host ? host + 3 : config->telegram_url;
	hosts[0] = arena_copy(arena, host, strcspn(host, ":/"));
	err = outbound_open(arena, &ours, &notifier->ours);
	return err == ERR_OK ? outbound_open(arena, &theirs, &notifier->theirs)
			     : err;
}

enum err notifier_open(const struct config *config, struct arena *arena,
	struct report *report, struct notifier *out)
{
	struct notifier notifier = {.config = config};
	enum err err = vault_keys_open(
		arena, config_key_folder(config, arena), &notifier.keys);

	if (err == ERR_OK)
		err = outbounds_open(config, arena, &notifier);
	if (err != ERR_OK) {
		report_detail(report, "the vault's keys cannot be read");
		notifier_close(&notifier);
		return err;
	}
	*out = notifier;
	return ERR_OK;
}

void notifier_close(struct notifier *notifier)
{
	outbound_close(&notifier->theirs);
	outbound_close(&notifier->ours);
	if (notifier->keys)
		vault_keys_close(&notifier->keys);
}

char *notifier_secret(struct notifier *notifier, struct scope *scope,
	const char *name, const char *what, struct notify_outcome *out)
{
	struct vault_value value = {0};
	enum err err =
		user_secret_open(scope, notifier->keys, name, &value, NULL);

	if (err == ERR_OK)
		return value.text;
	*out = later;
	if (err == ERR_NOT_FOUND || err == ERR_BAD_INPUT) {
		out->final = true;
		out->why = arena_format(scope_arena(scope),
			err == ERR_NOT_FOUND ? "There is no %s."
					     : "The %s cannot be opened: "
					       "enter it again.",
			what);
	}
	return NULL;
}

void notifier_wipe(char *secret)
{
	if (secret)
		secret_wipe(secret, strlen(secret));
}

int64_t notifier_retry_ms(int64_t seconds)
{
	if (seconds <= 0)
		return 0;
	return (seconds < RETRY_MOST_S ? seconds : RETRY_MOST_S) * 1000;
}

/* ---- one message ---------------------------------------------------------------- */

void notifier_send(struct notifier *notifier, struct scope *scope,
	const struct notify_message *message, struct notify_outcome *out)
{
	static const struct {
		const char *kind;
		void (*send)(struct notifier *notifier, struct scope *scope,
			const struct notify_message *message,
			struct notify_outcome *out);
	} ways[] = {{"telegram", notifier_telegram}, {"email", notifier_mail},
		{"webhook", notifier_webhook}};

	*out = later;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (text_equal(ways[i].kind, message->channel_kind))
			ways[i].send(notifier, scope, message, out);
}
