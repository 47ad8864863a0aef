/*
 * Linked banks. A public token is sealed on its way through; an access token
 * never comes by here.
 */
#include "bank_api.h"

#include "errands_private.h"
#include "json_write.h"
#include "replies_private.h"

/* ---- shapes -------------------------------------------------------------- */

static const struct field bank_exchange_fields[] = {
	FIELD(struct bank_exchange, public_token, .required = true,
		.secret = true, .min = 1, .max = 512,
		.doc = "what Plaid Link gave the browser"),
	FIELD(struct bank_exchange, institution, .min = 1, .max = 100,
		.doc = "the bank's name, to be shown"),
};
const struct shape bank_exchange_shape =
	SHAPE("bank_exchange", struct bank_exchange, bank_exchange_fields);

/* clang-format off */
#define ACCOUNT_FIELD(member, ...)                                         \
	{ .name = #member,                                                 \
	  .kind = SHAPE_KIND(((struct bank_account *)0)->member),          \
	  .offset = offsetof(struct bank_account_view, account.member),    \
	  __VA_ARGS__ }
/* clang-format on */
static const struct field bank_account_fields[] = {
	FIELD(struct bank_account_view, link_id, .doc = "of which link"),
	FIELD(struct bank_account_view, institution, .nullable = true,
		.doc = "the bank's name"),
	ACCOUNT_FIELD(account_id, .doc = "Plaid's id of it"),
	ACCOUNT_FIELD(name, .doc = "the account's name"),
	ACCOUNT_FIELD(
		mask, .nullable = true, .doc = "the last digits of its number"),
	ACCOUNT_FIELD(type, .doc = "depository, credit, investment, ..."),
	ACCOUNT_FIELD(subtype, .nullable = true, .doc = "checking, ..."),
	ACCOUNT_FIELD(currency, .nullable = true, .doc = "ISO 4217 code"),
	ACCOUNT_FIELD(available, .nullable = true,
		.doc = "what may be taken out of it"),
	ACCOUNT_FIELD(current, .nullable = true, .doc = "what is in it"),
	FIELD(struct bank_account_view, read_at, .nullable = true,
		.doc = "when the bank said so"),
};
static const struct shape bank_account_shape =
	SHAPE("bank_account", struct bank_account_view, bank_account_fields);
static const struct field bank_accounts_fields[] =
	PAGE_FIELDS(bank_account_shape);
const struct shape bank_accounts_shape =
	SHAPE("bank_accounts", struct page, bank_accounts_fields);

static const struct field bank_link_fields[] = {
	FIELD(struct bank_link_view, id, .doc = "the link's id"),
	FIELD(struct bank_link_view, institution, .nullable = true,
		.doc = "the bank's name"),
	FIELD(struct bank_link_view, error, .nullable = true,
		.doc = "why it could not be read last; ITEM_LOGIN_REQUIRED: "
		       "link it again"),
	FIELD(struct bank_link_view, created_at, .doc = "when it was made"),
	FIELD(struct bank_link_view, read_at, .nullable = true,
		.doc = "when its accounts were read last"),
};
static const struct shape bank_link_shape =
	SHAPE("bank_link", struct bank_link_view, bank_link_fields);
static const struct field bank_links_fields[] = PAGE_FIELDS(bank_link_shape);
const struct shape bank_links_shape =
	SHAPE("bank_links", struct page, bank_links_fields);

/* ---- what is asked of Plaid ---------------------------------------------- */

static enum err configured(const struct call *call)
{
	if (call->services->limits->bank_on)
		return ERR_OK;
	report_detail(call->report,
		"The bank link is not set up here: the operator gives "
		"PLAID_CLIENT_ID and PLAID_SECRET.");
	return ERR_NOT_CONFIGURED;
}

static enum err ask(struct call *call, struct scope *scope,
	const struct errand_new *errand, void *out)
{
	enum err err = configured(call);

	return err == ERR_OK ? errand_ask(call, scope, errand, out) : err;
}

/* {"name":"value"} */
static const char *member(
	struct call *call, const char *name, const char *value)
{
	struct json_writer writer;
	struct buf text;

	buf_init(&text, call->arena, 1024);
	json_write_init(&writer, &text);
	json_object(&writer);
	json_member_text(&writer, name, value);
	json_object_end(&writer);
	return text.data;
}

enum err handle_bank_link_token(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	(void)input;
	return ask(call, scope,
		&(const struct errand_new){.kind = ERRAND_BANK_LINK_TOKEN},
		out);
}

enum err handle_bank_exchange(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct bank_exchange *in = input;
	const struct errand_new errand = {.kind = ERRAND_BANK_EXCHANGE,
		.input = member(call, "institution", in->institution),
		.secret = in->public_token};
	enum err err = configured(call);

	if (err == ERR_OK)
		err = bank_link_room(scope, call->services->limits);
	return err == ERR_OK ? ask(call, scope, &errand, out) : err;
}

enum err handle_bank_refresh(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	(void)input;
	return ask(call, scope,
		&(const struct errand_new){.kind = ERRAND_BANK_REFRESH}, out);
}

enum err handle_bank_unlink(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct by_id *in = input;
	const struct errand_new errand = {.kind = ERRAND_BANK_UNLINK,
		.input = member(call, "id", in->id)};
	struct bank_link_view link;
	enum err err = bank_link_get(scope, in->id, &link);

	return err == ERR_OK ? ask(call, scope, &errand, out) : err;
}

/* ---- what is known ------------------------------------------------------- */

enum err handle_bank_accounts(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	struct page *page = out;
	enum err err = configured(call);

	(void)input;
	return err == ERR_OK ? bank_accounts(scope, &page->data) : err;
}

enum err handle_bank_links(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	struct page *page = out;
	enum err err = configured(call);

	(void)input;
	return err == ERR_OK ? bank_links(scope, &page->data) : err;
}
