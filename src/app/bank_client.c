/*
 * Plaid's API: JSON bodies, the installation's id and secret as headers. Must
 * never put a token or the secret into a report, and never follow Plaid's
 * words further than they are documented.
 */
#include "bank_client.h"

#include "json_write.h"
#include "secret.h"
#include "text.h"

enum {
	BODY_ROOM = 8 * 1024,
	TEXT_LIMIT = 1024,
	ANSWER_LIMIT = 1 << 20, /* many of them stay in memory in a refresh */
	CODE_LIMIT = 64,
	SCALE_LIMIT = 8
};

static const char *const hosts[] = {"production.plaid.com", "sandbox.plaid.com",
	"development.plaid.com", NULL};

enum err bank_client_open(struct arena *arena, const struct config *config,
	struct report *report, struct bank_client *out)
{
	const struct outbound_options options = {.hosts = hosts,
		.loopback = config->outbound_loopback,
		.body_limit = ANSWER_LIMIT,
		.total_ms = config->outbound_ms};
	struct bank_client client = {
		.arena = arena, .report = report, .config = config};
	enum err err = outbound_open(arena, &options, &client.outbound);

	if (err != ERR_OK)
		return err;
	err = outbound_base_parse(arena, client.outbound, config->plaid_url,
		report, &client.base);
	if (err != ERR_OK) {
		outbound_close(&client.outbound);
		return err;
	}
	*out = client;
	return ERR_OK;
}

void bank_client_close(struct bank_client *client)
{
	outbound_close(&client->outbound);
}

/* ---- one request --------------------------------------------------------- */

/* A documented text, or NULL. */
static const char *text_of(
	const struct json *object, const char *name, size_t limit)
{
	const struct json *value = json_member(object, name);

	if (!value || value->kind != JSON_TEXT || value->len == 0 ||
		value->len > limit || text_has_control(value->text, value->len))
		return NULL;
	return value->text;
}

/* error_code is a word in capitals; error_message is for developers. */
static enum err refused(struct bank_client *client,
	const struct outbound_answer *answer, const struct json *json,
	const char **code)
{
	const char *word = text_of(json, "error_code", CODE_LIMIT);

	if (!word) {
		report_detail(client->report, "Plaid answered with status %d",
			answer->status);
		return ERR_UNAVAILABLE;
	}
	report_detail(client->report, "Plaid says: %s", word);
	if (code)
		*code = word;
	return ERR_CONFLICT;
}

static enum err answer_read(struct bank_client *client,
	const struct outbound_answer *answer, const struct json **out,
	const char **code)
{
	struct report *quiet = report_open(client->arena);
	const struct json *json = NULL;
	enum err err;

	if (answer->sent != OUTBOUND_ANSWERED) {
		report_detail(client->report, "Plaid was not reached: %s",
			answer->why);
		return ERR_UNAVAILABLE;
	}
	err = json_parse(client->arena, (const char *)answer->body.data,
		answer->body.len, quiet, &json);
	if (answer->status != 200)
		return refused(
			client, answer, err == ERR_OK ? json : NULL, code);
	if (err != ERR_OK || json->kind != JSON_OBJECT) {
		report_detail(client->report,
			"Plaid's answer was not what it documents");
		return ERR_UNAVAILABLE;
	}
	*out = json;
	return ERR_OK;
}

/* For the network: what a setting holds has no line of its own in it. */
static char *header_line(
	struct bank_client *client, const char *name, const char *value)
{
	struct buf line;

	buf_init(&line, client->arena, TEXT_LIMIT);
	buf_text(&line, name);
	buf_text(&line, ": ");
	buf_text(&line, value);
	return line.data;
}

static enum err ask(struct bank_client *client, const char *path,
	struct buf *body, const struct json **out, const char **code)
{
	const struct config *config = client->config;
	const char *const headers[] = {"Content-Type: application/json",
		"Plaid-Version: 2020-09-14",
		header_line(client, "PLAID-CLIENT-ID", config->plaid_client_id),
		NULL};
	char *secret =
		header_line(client, "PLAID-SECRET", config->plaid_secret);
	const struct outbound_request request = {.base = &client->base,
		.method = "POST",
		.path = path,
		.body = body->data,
		.secret_header = secret,
		.headers = headers};
	struct outbound_answer answer;

	outbound_ask(client->outbound, &request, &answer);
	secret_wipe(secret, strlen(secret));
	/* it held a token */
	secret_wipe(body->data, body->len);
	return answer_read(client, &answer, out, code);
}

static void body_begin(struct bank_client *client, struct buf *body,
	struct json_writer *writer)
{
	buf_init(body, client->arena, BODY_ROOM);
	json_write_init(writer, body);
	json_object(writer);
}

/* A call with one member, which is a token. */
struct token_call {
	const char *path, *name, *token;
};

static enum err ask_with(struct bank_client *client,
	const struct token_call *call, const struct json **out,
	const char **code)
{
	struct json_writer writer;
	struct buf body;

	body_begin(client, &body, &writer);
	json_member_text(&writer, call->name, call->token);
	json_object_end(&writer);
	return ask(client, call->path, &body, out, code);
}

static enum err undocumented(struct bank_client *client, const char *name)
{
	report_detail(client->report, "Plaid's answer has no %s", name);
	return ERR_UNAVAILABLE;
}

/* ---- the calls ----------------------------------------------------------- */

/* "a b" as ["a","b"]. */
static void put_words(
	struct json_writer *writer, const char *name, const char *words)
{
	json_key(writer, name);
	json_array(writer);
	for (words += strspn(words, " ,"); *words != '\0';
		words += strspn(words, " ,")) {
		const size_t len = strcspn(words, " ,");

		json_put_text_len(writer, words, len);
		words += len;
	}
	json_array_end(writer);
}

enum err bank_client_link_token(struct bank_client *client, const char *user_id,
	const char **token, const char **expiration)
{
	struct json_writer writer;
	const struct json *json;
	struct buf body;
	enum err err;

	body_begin(client, &body, &writer);
	json_member_text(&writer, "client_name", "Kontor");
	json_member_text(&writer, "language", "en");
	put_words(&writer, "country_codes", client->config->plaid_countries);
	put_words(&writer, "products", client->config->plaid_products);
	json_key(&writer, "user");
	json_object(&writer);
	json_member_text(&writer, "client_user_id", user_id);
	json_object_end(&writer);
	json_object_end(&writer);
	err = ask(client, "/link/token/create", &body, &json, NULL);
	if (err != ERR_OK)
		return err;
	*token = text_of(json, "link_token", TEXT_LIMIT);
	*expiration = text_of(json, "expiration", CODE_LIMIT);
	return *token ? ERR_OK : undocumented(client, "link_token");
}

enum err bank_client_exchange(struct bank_client *client,
	const char *public_token, const char **access_token,
	const char **item_id)
{
	const struct token_call call = {
		"/item/public_token/exchange", "public_token", public_token};
	const struct json *json;
	enum err err = ask_with(client, &call, &json, NULL);

	if (err != ERR_OK)
		return err;
	*access_token = text_of(json, "access_token", TEXT_LIMIT);
	*item_id = text_of(json, "item_id", TEXT_LIMIT);
	return *access_token && *item_id ? ERR_OK
					 : undocumented(client, "access_token");
}

/* A number of money; what has more digits than we keep is not told. */
static const struct decimal *amount_of(
	struct arena *arena, const struct json *balances, const char *name)
{
	const struct json *value = json_member(balances, name);
	struct decimal *amount;

	if (!value || value->kind != JSON_NUMBER)
		return NULL;
	amount = arena_alloc(arena, sizeof(*amount));
	if (decimal_parse(value->text, value->len, amount) != ERR_OK ||
		amount->scale > SCALE_LIMIT)
		return NULL;
	return amount;
}

static bool account_read(
	struct arena *arena, const struct json *json, struct bank_account *out)
{
	const struct json *balances = json_member(json, "balances");

	*out = (struct bank_account){
		.account_id = text_of(json, "account_id", TEXT_LIMIT),
		.name = text_of(json, "name", TEXT_LIMIT),
		.mask = text_of(json, "mask", CODE_LIMIT),
		.type = text_of(json, "type", CODE_LIMIT),
		.subtype = text_of(json, "subtype", CODE_LIMIT),
		.currency = text_of(balances, "iso_currency_code", CODE_LIMIT),
		.available = amount_of(arena, balances, "available"),
		.current = amount_of(arena, balances, "current"),
	};
	return out->account_id && out->name && out->type;
}

enum err bank_client_accounts(struct bank_client *client,
	const char *access_token, struct list *out, const char **code)
{
	const struct json *json, *accounts;
	struct bank_account *list;
	size_t count = 0;
	const struct token_call call = {
		"/accounts/get", "access_token", access_token};
	enum err err = ask_with(client, &call, &json, code);

	if (err != ERR_OK)
		return err;
	accounts = json_member(json, "accounts");
	if (!accounts || accounts->kind != JSON_ARRAY)
		return undocumented(client, "accounts");
	list = arena_array(client->arena, BANK_ACCOUNTS_LIMIT, sizeof(*list));
	for (const struct json *item = accounts->first;
		item && count < BANK_ACCOUNTS_LIMIT; item = item->next)
		if (!account_read(client->arena, item, &list[count++]))
			return undocumented(client, "account as documented");
	*out = (struct list){list, count};
	return ERR_OK;
}

enum err bank_client_remove(
	struct bank_client *client, const char *access_token, const char **code)
{
	const struct token_call call = {
		"/item/remove", "access_token", access_token};
	const struct json *json;

	return ask_with(client, &call, &json, code);
}
