/*
 * Telegram: sendMessage of the bot that the user made, plain text without a
 * parse mode. Must never show the token, which stands in the path.
 */
#include "notifier_private.h"

#include "json_write.h"
#include "text.h"

enum {
	BODY_ROOM = 16 << 10,
	TOKEN_LIMIT = 128
};

static const char *telegram_body(
	struct arena *arena, const char *chat, const char *text)
{
	struct json_writer writer;
	struct buf body;

	buf_init(&body, arena, BODY_ROOM);
	json_write_init(&writer, &body);
	json_object(&writer);
	json_member_text(&writer, "chat_id", chat);
	json_member_text(&writer, "text", text);
	/* names of users are no links */
	json_key(&writer, "disable_web_page_preview");
	json_put_bool(&writer, true);
	json_object_end(&writer);
	return body.data;
}

/* parameters.retry_after, as Telegram says it in its answer to a flood. */
static int64_t telegram_retry(
	struct arena *arena, const struct outbound_answer *answer)
{
	const struct json *json = NULL, *parameters;
	int64_t seconds = answer->retry_after_s;

	if (answer->body.len == 0 ||
		json_parse(arena, (const char *)answer->body.data,
			answer->body.len, report_open(arena), &json) != ERR_OK)
		return notifier_retry_ms(seconds);
	parameters = json_member(json, "parameters");
	if (parameters)
		(void)!json_integer(
			json_member(parameters, "retry_after"), &seconds);
	return notifier_retry_ms(seconds);
}

static void telegram_outcome(struct arena *arena,
	const struct outbound_answer *answer, struct notify_outcome *out)
{
	static const struct {
		int status;
		const char *why;
	} refusals[] = {
		{400, "Telegram does not know the chat: write to the bot "
		      "first, and check the chat id."},
		{401, "Telegram does not accept the bot's token."},
		{403, "The bot may not write to this chat: it was blocked or "
		      "removed."},
		{404, "Telegram does not know the bot's token."},
	};

	out->why = answer->why;
	if (answer->sent != OUTBOUND_ANSWERED)
		return;
	out->sent = answer->status == 200;
	out->why = out->sent ? ""
			     : arena_format(arena,
				       "Telegram answered with the status %d.",
				       answer->status);
	out->retry_after_ms = out->sent ? 0 : telegram_retry(arena, answer);
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (refusals[i].status == answer->status) {
			out->why = refusals[i].why;
			out->final = true;
		}
}

static bool is_token(const char *token)
{
	const size_t len = strlen(token);

	return len > 0 && len <= TOKEN_LIMIT &&
	       strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
			     "wxyz0123456789:_-") == len;
}

static void telegram_ask(struct notifier *notifier, struct arena *arena,
	const char *token, const char *body, struct notify_outcome *out)
{
	static const char *const headers[] = {
		"Content-Type: application/json", NULL};
	const char *path = arena_format(arena, "/bot%s/sendMessage", token);
	struct outbound_base base;
	struct outbound_answer answer;
	const struct outbound_request request = {.base = &base,
		.method = "POST",
		.path = path,
		.body = body,
		.headers = headers};

	if (outbound_base_parse(arena, notifier->ours,
		    notifier->config->telegram_url, report_open(arena),
		    &base) != ERR_OK) {
		out->why = "TELEGRAM_URL is not set well on this server.";
		return;
	}
	outbound_ask(notifier->ours, &request, &answer);
	telegram_outcome(arena, &answer, out);
}

void notifier_telegram(struct notifier *notifier, struct scope *scope,
	const struct notify_message *message, struct notify_outcome *out)
{
	char *token = notifier_secret(
		notifier, scope, "telegram_token", "Telegram token", out);
	char *chat =
		token ? notifier_secret(notifier, scope, "telegram_chat_id",
				"Telegram chat id", out)
		      : NULL;

	if (chat && is_token(token)) {
		telegram_ask(notifier, scope_arena(scope), token,
			telegram_body(scope_arena(scope), chat, message->body),
			out);
	} else if (chat) {
		out->why = "The Telegram token is none.";
		out->final = true;
	}
	notifier_wipe(token);
	notifier_wipe(chat);
}
