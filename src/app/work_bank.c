/*
 * Errands at the bank. Must never leave an opened token in memory behind it,
 * nor lose a link that Plaid has made: an access token is stored before
 * anything else is asked.
 */
#include "bank_client.h"
#include "clock.h"
#include "json_write.h"
#include "secret.h"
#include "user_secrets.h"
#include "vault_keys.h"
#include "work_errands.h"

enum {
	RESULT_ROOM = 4096,
	/* The links behind so much waiting are for another time. An errand's
	   time is over soon behind the last of them, whatever OUTBOUND_MS. */
	SLOW_ANSWERS = 3,
	WAIT_MOST_MS = 25 * 1000
};

static const char unreachable[] = "UNREACHABLE";

/* What an act stands on. */
struct bank {
	struct work *work;
	struct scope *scope;
	struct bank_client client;
	struct vault_keys *keys;
	struct vault *vault;
};

static void bank_shut(struct bank *bank)
{
	if (bank->client.outbound)
		bank_client_close(&bank->client);
	vault_close(&bank->vault);
	vault_keys_close(&bank->keys);
}

static enum err bank_open(
	struct work *work, struct errand *errand, struct bank *out)
{
	struct bank bank = {.work = work, .scope = errand->scope};
	const char *folder = config_key_folder(work->config, work->arena);
	enum err err;

	if (work->config->plaid_client_id[0] == '\0') {
		report_detail(work->report, "the bank link is not set up here");
		return ERR_NOT_CONFIGURED;
	}
	err = vault_keys_open(work->arena, folder, &bank.keys);
	if (err == ERR_OK)
		err = vault_open(work->arena, folder, &bank.vault);
	if (err == ERR_OK)
		err = bank_client_open(
			work->arena, work->config, work->report, &bank.client);
	if (err != ERR_OK) {
		bank_shut(&bank);
		return err;
	}
	*out = bank;
	return ERR_OK;
}

static const char *text_member(
	struct bank *bank, const struct errand *errand, const char *name)
{
	const struct json *json = NULL;
	const char *input = errand->claim->input;

	if (!input || json_parse(bank->work->arena, input, strlen(input),
			      bank->work->report, &json) != ERR_OK)
		return NULL;
	json = json_member(json, name);
	return json && json->kind == JSON_TEXT ? json->text : NULL;
}

/* ---- results ------------------------------------------------------------- */

struct answer {
	struct buf text;
	struct json_writer writer;
};

static void answer_begin(struct answer *answer, struct arena *arena)
{
	buf_init(&answer->text, arena, RESULT_ROOM);
	json_write_init(&answer->writer, &answer->text);
	json_object(&answer->writer);
}

static const char *answer_end(struct answer *answer)
{
	json_object_end(&answer->writer);
	return answer->text.data;
}

/* ---- the acts ------------------------------------------------------------ */

enum err work_bank_link_token(struct work *work, struct errand *errand)
{
	const char *token = NULL, *expiration = NULL;
	struct answer answer;
	struct bank bank;
	enum err err = bank_open(work, errand, &bank);

	if (err != ERR_OK)
		return err;
	err = bank_client_link_token(
		&bank.client, scope_user(bank.scope), &token, &expiration);
	bank_shut(&bank);
	if (err != ERR_OK)
		return err;
	answer_begin(&answer, work->arena);
	json_member_text(&answer.writer, "link_token", token);
	json_member_text(&answer.writer, "expiration", expiration);
	errand->result = answer_end(&answer);
	return ERR_OK;
}

/* Reads one link's accounts; what Plaid refuses is noted at the link. */
static enum err accounts_read(
	struct bank *bank, const char *link_id, size_t *count)
{
	struct arena *arena = bank->work->arena;
	struct vault_value token;
	struct list accounts = {0};
	const char *code = NULL;
	enum err err = user_secret_open(bank->scope, bank->keys,
		bank_secret_name(arena, link_id), &token, NULL);

	if (err != ERR_OK)
		return err;
	err = bank_client_accounts(&bank->client, token.text, &accounts, &code);
	secret_wipe(token.text, token.len);
	if (err == ERR_OK) {
		err = bank_accounts_put(
			bank->scope, link_id, accounts.items, accounts.count);
		if (err == ERR_OK)
			*count += accounts.count;
		/* two of one id: an answer like none */
		if (err != ERR_CONFLICT)
			return err;
	}
	if (err == ERR_CONFLICT && code)
		return bank_link_fail(bank->scope, link_id, code);
	return bank_link_fail(bank->scope, link_id, unreachable);
}

static enum err exchange(struct bank *bank, const char *public_token,
	const char *institution, const char **link_id)
{
	const struct limits limits = config_limits(bank->work->config);
	struct bank_link_new link = {.institution = institution};
	char *token;
	enum err err = bank_client_exchange(
		&bank->client, public_token, &link.access_token, &link.item_id);

	if (err != ERR_OK)
		return err;
	err = bank_link_put(bank->scope, &limits, bank->vault, &link, link_id);
	/* what cannot be kept here is not left behind there */
	if (err != ERR_OK)
		(void)!bank_client_remove(
			&bank->client, link.access_token, NULL);
	token = (char *)(uintptr_t)link.access_token;
	secret_wipe(token, strlen(token));
	return err;
}

static enum err exchange_sealed(
	struct bank *bank, const struct errand *errand, const char **link_id)
{
	const struct vault_place place = {.user_id = scope_user(bank->scope),
		.table = "errands",
		.column = "sealed",
		.row_id = errand->claim->id};
	struct vault_value token;
	enum err err = vault_unseal(bank->keys, bank->work->arena, &place,
		errand->claim->sealed, &token);

	if (err != ERR_OK)
		return err;
	err = exchange(bank, token.text,
		text_member(bank, errand, "institution"), link_id);
	secret_wipe(token.text, token.len);
	return err;
}

enum err work_bank_exchange(struct work *work, struct errand *errand)
{
	const char *link_id = NULL;
	struct answer answer;
	size_t count = 0;
	struct bank bank;
	enum err err = bank_open(work, errand, &bank);

	if (err != ERR_OK)
		return err;
	err = exchange_sealed(&bank, errand, &link_id);
	if (err == ERR_OK)
		err = accounts_read(&bank, link_id, &count);
	bank_shut(&bank);
	if (err != ERR_OK)
		return err;
	answer_begin(&answer, work->arena);
	json_member_text(&answer.writer, "link_id", link_id);
	json_member_int(&answer.writer, "accounts", (int64_t)count);
	errand->result = answer_end(&answer);
	return ERR_OK;
}

/* A Plaid that hangs must not hang everybody's errands, nor end the process. */
static enum err links_read(struct bank *bank, struct list *list, size_t *count)
{
	const int64_t wait_ms = SLOW_ANSWERS * bank->work->config->outbound_ms;
	const int64_t until_us =
		clock_monotonic_us() +
		1000 * (wait_ms < WAIT_MOST_MS ? wait_ms : WAIT_MOST_MS);
	const struct bank_link_view *links;
	enum err err = bank_links(bank->scope, list);

	links = list->items;
	for (size_t i = 0; err == ERR_OK && i < list->count; i++)
		err = clock_monotonic_us() < until_us
			      ? accounts_read(bank, links[i].id, count)
			      : bank_link_fail(
					bank->scope, links[i].id, unreachable);
	return err;
}

enum err work_bank_refresh(struct work *work, struct errand *errand)
{
	struct list list = {0};
	struct answer answer;
	size_t count = 0;
	struct bank bank;
	enum err err = bank_open(work, errand, &bank);

	if (err != ERR_OK)
		return err;
	err = links_read(&bank, &list, &count);
	bank_shut(&bank);
	if (err != ERR_OK)
		return err;
	answer_begin(&answer, work->arena);
	json_member_int(&answer.writer, "links", (int64_t)list.count);
	json_member_int(&answer.writer, "accounts", (int64_t)count);
	errand->result = answer_end(&answer);
	return ERR_OK;
}

/* *told: Plaid has ended it, or knows of none. */
static enum err end_there(struct bank *bank, const char *link_id, bool *told)
{
	struct vault_value token;
	const char *code = NULL;
	enum err err = user_secret_open(bank->scope, bank->keys,
		bank_secret_name(bank->work->arena, link_id), &token, NULL);

	if (err != ERR_OK)
		return err;
	err = bank_client_remove(&bank->client, token.text, &code);
	secret_wipe(token.text, token.len);
	*told = err == ERR_OK || err == ERR_CONFLICT;
	return ERR_OK;
}

/* Here it ends whatever Plaid says: that is what the user asked for. */
enum err work_bank_unlink(struct work *work, struct errand *errand)
{
	const char *link_id;
	struct answer answer;
	struct bank bank;
	bool told = false;
	enum err err = bank_open(work, errand, &bank);

	if (err != ERR_OK)
		return err;
	link_id = text_member(&bank, errand, "id");
	err = link_id ? end_there(&bank, link_id, &told) : ERR_INTERNAL;
	bank_shut(&bank);
	if (err == ERR_OK)
		err = bank_link_remove(errand->scope, link_id);
	if (err != ERR_OK)
		return err;
	answer_begin(&answer, work->arena);
	json_key(&answer.writer, "ended_at_plaid");
	json_put_bool(&answer.writer, told);
	errand->result = answer_end(&answer);
	return ERR_OK;
}
