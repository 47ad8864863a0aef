/*
 * Webhooks: a signed POST to an address of the user's choice. Must never call
 * a host that the operator does not allow, also when he did once.
 */
#include "notifier_private.h"

#include "channels.h"
#include "clock.h"
#include "json_write.h"
#include "text.h"
#include "venue_query.h"

enum {
	BODY_ROOM = 16 << 10,
	LINE_ROOM = 256
};

struct secrets {
	char *url, *key;
};

static const char *line_of(
	struct arena *arena, const char *name, const char *value)
{
	struct buf line;

	buf_init(&line, arena, LINE_ROOM);
	buf_text(&line, name);
	buf_text(&line, value);
	return line.data;
}

static const char *webhook_body(
	struct arena *arena, const struct notify_message *message)
{
	struct json_writer writer;
	struct buf body;

	buf_init(&body, arena, BODY_ROOM);
	json_write_init(&writer, &body);
	json_object(&writer);
	json_member_text(&writer, "id", message->id);
	json_member_text(&writer, "kind", message->kind);
	json_member_text(&writer, "text", message->body);
	json_key(&writer, "created_at");
	json_put_time(&writer, message->created_at);
	json_object_end(&writer);
	return body.data;
}

/* "t=SECONDS,v1=HEX": HMAC-SHA-256 over the seconds, a dot and the body. */
static enum err sign(struct arena *arena, const char *key, int64_t now,
	const char *body, const char **out)
{
	char hex[VENUE_SIGNATURE_ROOM];
	struct secret secret;
	enum err err = secret_init(&secret, key, strlen(key));

	if (err != ERR_OK)
		return err;
	venue_sign(&secret,
		arena_format(arena, "%lld.", (long long)(now / 1000)), body,
		hex);
	secret_release(&secret);
	*out = line_of(arena, "X-Kontor-Signature: ",
		arena_format(
			arena, "t=%lld,v1=%s", (long long)(now / 1000), hex));
	return ERR_OK;
}

static void webhook_outcome(struct arena *arena,
	const struct outbound_answer *answer, struct notify_outcome *out)
{
	out->why = answer->why;
	if (answer->sent != OUTBOUND_ANSWERED)
		return;
	out->sent = answer->status >= 200 && answer->status < 300;
	out->final = answer->status == 410;
	out->retry_after_ms =
		out->sent ? 0 : notifier_retry_ms(answer->retry_after_s);
	out->why =
		out->sent ? ""
			  : arena_format(arena,
				    "The receiver answered with the status %d.",
				    answer->status);
}

static void ask(struct notifier *notifier, struct arena *arena,
	const struct channel_url *url, const struct outbound_request *request,
	struct notify_outcome *out)
{
	struct outbound_request asked = *request;
	struct outbound_base base;
	struct outbound_answer answer;

	if (!channel_host_is_allowed(notifier->config->webhook_hosts, url) ||
		outbound_base_parse(arena, notifier->theirs, url->base,
			report_open(arena), &base) != ERR_OK) {
		out->why = "This server does not call that host any more.";
		out->final = true;
		return;
	}
	asked.base = &base;
	outbound_ask(notifier->theirs, &asked, &answer);
	webhook_outcome(arena, &answer, out);
}

static void post(struct notifier *notifier, struct arena *arena,
	const struct secrets *secrets, const struct notify_message *message,
	struct notify_outcome *out)
{
	const char *body = webhook_body(arena, message);
	const char *signature = NULL;
	struct channel_url url;

	if (channel_url_split(arena, secrets->url, &url) != ERR_OK ||
		sign(arena, secrets->key, clock_ms(), body, &signature) !=
			ERR_OK)
		return;

	const char *headers[] = {"Content-Type: application/json", signature,
		line_of(arena, "X-Kontor-Delivery: ", message->id),
		line_of(arena, "X-Kontor-Event: ", message->kind), NULL};
	const struct outbound_request request = {.method = "POST",
		.path = url.path,
		.body = body,
		.headers = headers};

	ask(notifier, arena, &url, &request, out);
}

void notifier_webhook(struct notifier *notifier, struct scope *scope,
	const struct notify_message *message, struct notify_outcome *out)
{
	struct arena *arena = scope_arena(scope);
	struct secrets secrets = {
		.url = notifier_secret(notifier, scope,
			channel_url_name(arena, message->channel_id),
			"address of this webhook", out)};

	if (secrets.url)
		secrets.key = notifier_secret(notifier, scope,
			channel_key_name(arena, message->channel_id),
			"key of this webhook", out);
	if (secrets.key)
		post(notifier, arena, &secrets, message, out);
	notifier_wipe(secrets.url);
	notifier_wipe(secrets.key);
}
