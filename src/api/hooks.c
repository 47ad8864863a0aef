/*
 * Hooks of a user, and the call that comes through one. The secret and the
 * key are in the answers that make them, and nowhere else.
 */
#include "hooks_api.h"

#include "guard_view.h"
#include "hook.h"
#include "hooks.h"
#include "replies_private.h"
#include "sha256.h"

/* ---- shapes ------------------------------------------------------------------ */

/* clang-format off */
#define BOUND_FIELDS(type)                                                 \
	FIELD(type, addresses, .max = 100,                                 \
		.doc = "addresses and networks that may call it; none: any"), \
	FIELD(type, symbols, .max = 100,                                   \
		.doc = "symbols that it may trade; none: all"),            \
	FIELD(type, sides, .nullable = true, .one_of = hook_sides,         \
		.doc = "of orders that open something; close is always "   \
		       "allowed"),                                         \
	FIELD(type, max_value, .nullable = true,                           \
		.doc = "most money of an order")
/* clang-format on */

static const struct field hook_new_fields[] = {
	FIELD(struct hook_new, name, .required = true, .min = 1, .max = 64,
		.doc = "what it is for"),
	FIELD(struct hook_new, needs_signature,
		.doc = "calls must be signed; TradingView cannot sign"),
	BOUND_FIELDS(struct hook_new),
	FIELD(struct hook_new, orders_per_hour, .min = 1, .max = 10000,
		.otherwise = 20, .doc = "close not counted"),
	FIELD(struct hook_new, window_s, .min = 10, .max = 86400,
		.otherwise = 300,
		.doc = "how far a call's time may be from ours"),
};
const struct shape hook_new_shape =
	SHAPE("hook_new", struct hook_new, hook_new_fields);

static const struct field hook_change_fields[] = {
	FIELD(struct hook_change, id, .required = true, .from = FROM_PATH,
		.doc = "the hook's id"),
	FIELD(struct hook_change, name, .nullable = true, .min = 1, .max = 64,
		.doc = "what is absent stays as it is"),
	FIELD(struct hook_change, enabled, .nullable = true,
		.doc = "true or false"),
	FIELD(struct hook_change, needs_signature, .nullable = true,
		.doc = "true or false"),
	BOUND_FIELDS(struct hook_change),
	FIELD(struct hook_change, orders_per_hour, .min = 0, .max = 10000,
		.doc = "0: as it is"),
	FIELD(struct hook_change, window_s, .min = 0, .max = 86400,
		.doc = "0: as it is"),
};
const struct shape hook_change_shape =
	SHAPE("hook_change", struct hook_change, hook_change_fields);

/* clang-format off */
#define HOOK_FIELDS                                                        \
	FIELD(struct hook_view, id, .doc = "the hook's id"),               \
	FIELD(struct hook_view, name, .doc = "what it is for"),            \
	FIELD(struct hook_view, hint, .doc = "the secret's last characters"), \
	FIELD(struct hook_view, enabled, .doc = "may it be called?"),      \
	FIELD(struct hook_view, needs_signature, .doc = "only when signed"), \
	FIELD(struct hook_view, addresses, .doc = "from where; none: any"), \
	FIELD(struct hook_view, symbols, .doc = "of what; none: all"),     \
	FIELD(struct hook_view, sides, .one_of = hook_sides,               \
		.doc = "of orders that open something"),                   \
	FIELD(struct hook_view, max_value, .nullable = true,               \
		.doc = "most money of an order"),                          \
	FIELD(struct hook_view, orders_per_hour, .doc = "at most"),        \
	FIELD(struct hook_view, window_s,                                  \
		.doc = "how far a call's time may be from ours"),          \
	FIELD(struct hook_view, venue, .one_of = order_venues,             \
		.doc = "where its orders go"),                             \
	FIELD(struct hook_view, created_at, .doc = "when it was made"),    \
	FIELD(struct hook_view, updated_at, .doc = "when it was changed"), \
	FIELD(struct hook_view, called_at, .nullable = true,               \
		.doc = "when it was last called")
/* clang-format on */
static const struct field hook_view_fields[] = {HOOK_FIELDS};
const struct shape hook_view_shape =
	SHAPE("hook", struct hook_view, hook_view_fields);
static const struct field hook_created_fields[] = {HOOK_FIELDS,
	FIELD(struct hook_view, url,
		.doc = "where it is called, the secret in it; shown this once"),
	FIELD(struct hook_view, key,
		.doc = "what calls are signed with; shown this once")};
const struct shape hook_created_shape =
	SHAPE("hook_created", struct hook_view, hook_created_fields);
static const struct field hooks_fields[] = PAGE_FIELDS(hook_view_shape);
const struct shape hooks_shape = SHAPE("hooks", struct page, hooks_fields);

/* What comes in: the secret, and the alert. */
struct hook_input {
	const char *secret;
	struct hook_order order;
};
/* clang-format off */
#define ORDER_FIELD(member, ...)                                           \
	{ .name = #member,                                                 \
	  .kind = SHAPE_KIND(((struct hook_order *)0)->member),            \
	  .offset = offsetof(struct hook_input, order.member), __VA_ARGS__ }
/* clang-format on */
static const char *const types[] = {
	"market", "limit", "stop", "stop_limit", "take_profit", NULL};
static const struct field hook_call_fields[] = {
	/* "id", as the other paths below /hooks have it: one place, one name */
	{.name = "id",
		.kind = SHAPE_TEXT,
		.offset = offsetof(struct hook_input, secret),
		.required = true,
		.from = FROM_PATH,
		.max = 128,
		.min = 1,
		.doc = "the secret, as the hook's url has it"},
	ORDER_FIELD(action, .required = true, .one_of = hook_actions,
		.doc = "close: all that is held of the symbol, at the market"),
	ORDER_FIELD(symbol, .nullable = true, .min = 1, .max = 64,
		.doc = "BTC-USD; BTCUSD and EXCHANGE:BTCUSD are understood; "
		       "absent: the hook's only one"),
	ORDER_FIELD(quantity, .nullable = true, .doc = "how much, or quote"),
	ORDER_FIELD(quote, .nullable = true,
		.doc = "for how much money, at the dearest of the last price "
		       "and the order's; a buyer's limit is never passed"),
	ORDER_FIELD(type, .nullable = true, .one_of = types,
		.doc = "absent: market"),
	ORDER_FIELD(price, .nullable = true, .doc = "limit"),
	ORDER_FIELD(stop_price, .nullable = true, .doc = "trigger"),
	ORDER_FIELD(time, .nullable = true,
		.doc = "when the alert was made; too far from now is refused"),
	ORDER_FIELD(id, .nullable = true, .min = 1, .max = 64,
		.doc = "the alert's own: the same one does nothing twice"),
};
const struct shape hook_call_shape =
	SHAPE("hook_call", struct hook_input, hook_call_fields);

static const struct field hook_answer_fields[] = {
	FIELD(struct hook_answer, delivery_id, .doc = "of this call"),
	FIELD(struct hook_answer, state, .one_of = hook_states,
		.doc = "placed, or nothing: there was nothing to close"),
	FIELD(struct hook_answer, order_id, .nullable = true,
		.doc = "what it made"),
	FIELD(struct hook_answer, order_state, .nullable = true,
		.doc = "denied: risk refused it, see reason"),
	FIELD(struct hook_answer, reason, .nullable = true,
		.doc = "of the order's state"),
	FIELD(struct hook_answer, repeated,
		.doc = "it came before; nothing was done again"),
};
const struct shape hook_answer_shape =
	SHAPE("hook_answer", struct hook_answer, hook_answer_fields);

static const struct field hook_deliveries_query_fields[] = {
	FIELD(struct hook_deliveries_query, id, .required = true,
		.from = FROM_PATH, .doc = "the hook's id"),
	FIELD(struct hook_deliveries_query, limit, .from = FROM_QUERY, .min = 1,
		.max = 500, .otherwise = 50, .doc = "entries in a page"),
	FIELD(struct hook_deliveries_query, cursor, .from = FROM_QUERY,
		.doc = "next_cursor of the page before"),
};
const struct shape hook_deliveries_query_shape = SHAPE("hook_deliveries_query",
	struct hook_deliveries_query, hook_deliveries_query_fields);

static const struct field hook_delivery_fields[] = {
	FIELD(struct hook_delivery, id, .doc = "the call's id"),
	FIELD(struct hook_delivery, at, .doc = "when it came"),
	FIELD(struct hook_delivery, address, .doc = "from where"),
	FIELD(struct hook_delivery, action, .nullable = true,
		.one_of = hook_actions, .doc = "what it asked"),
	FIELD(struct hook_delivery, symbol, .nullable = true, .doc = "of what"),
	FIELD(struct hook_delivery, state, .one_of = hook_states,
		.doc = "received: it was cut short"),
	FIELD(struct hook_delivery, reason, .nullable = true,
		.doc = "why it was refused"),
	FIELD(struct hook_delivery, order_id, .nullable = true,
		.doc = "what it made"),
	FIELD(struct hook_delivery, order_state, .nullable = true,
		.doc = "the order's state now"),
};
static const struct shape hook_delivery_shape =
	SHAPE("hook_delivery", struct hook_delivery, hook_delivery_fields);
static const struct field hook_deliveries_fields[] =
	PAGE_FIELDS(hook_delivery_shape);
const struct shape hook_deliveries_shape =
	SHAPE("hook_deliveries", struct page, hook_deliveries_fields);

/* ---- the owner's ------------------------------------------------------------- */

/* Each must be one: "A, B" in one entry would be two. */
static enum err addresses_check(
	struct call *call, const struct text_list *addresses)
{
	struct address_nets nets;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < addresses->count; i++) {
		err = address_nets_parse(call->arena, addresses->items[i],
			report_open(call->arena), &nets);
		if (err == ERR_OK && nets.count != 1)
			err = ERR_BAD_INPUT;
	}
	if (err != ERR_OK)
		report_fault(call->report, "/addresses",
			"each must be an address or a network such as "
			"192.0.2.0/24");
	return err;
}

static struct hook_keep keep_of(const struct hook_secret *made)
{
	return (struct hook_keep){.id = made->id,
		.hint = made->hint,
		.nonce = made->nonce,
		.hash = {.data = made->hash, .len = sizeof(made->hash)}};
}

static void show(struct call *call, const struct hook_secret *made,
	struct hook_view *view)
{
	const char *origin = call->services->origin;

	view->key = made->key;
	view->url = arena_format(call->arena, "%s/api/v1/hooks/%s",
		origin ? origin : "", made->secret);
}

enum err handle_hooks(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	struct page *page = out;

	(void)call;
	(void)input;
	return hook_list(scope, &page->data);
}

enum err handle_hook_create(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct hook_new *in = input;
	struct hook_view *view = out;
	struct hook_secret made;
	struct hook_keep keep;
	enum err err = addresses_check(call, &in->addresses);

	if (err == ERR_OK)
		err = auth_hook_make(
			call->services->auth, &call->who_calls, NULL, &made);
	if (err != ERR_OK)
		return err;
	keep = keep_of(&made);
	err = hook_create(
		scope, &call->services->limits->notify, in, &keep, view);
	if (err != ERR_OK)
		return err;
	show(call, &made, view);
	reply_created(call, "/hooks", view->id);
	return ERR_OK;
}

enum err handle_hook_update(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct hook_change *in = input;
	enum err err = addresses_check(call, &in->addresses);

	return err == ERR_OK ? hook_update(scope, in, out) : err;
}

enum err handle_hook_rotate(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct by_id *in = input;
	struct hook_view *view = out;
	struct hook_secret made;
	struct hook_keep keep;
	enum err err = hook_get(scope, in->id, view);

	if (err == ERR_OK)
		err = auth_hook_make(call->services->auth, &call->who_calls,
			view->id, &made);
	if (err != ERR_OK)
		return err;
	keep = keep_of(&made);
	err = hook_rotate(scope, &keep, view);
	if (err == ERR_OK)
		show(call, &made, view);
	return err;
}

enum err handle_hook_remove(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct by_id *in = input;

	(void)call;
	(void)out;
	return hook_remove(scope, in->id);
}

enum err handle_hook_deliveries(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	(void)call;
	return hook_deliveries(scope, input, out);
}

/* ---- from outside -------------------------------------------------------------- */

static bool is_allowed(
	struct arena *arena, const char *networks, const char *address)
{
	struct address_nets nets;
	struct address client;

	return address_nets_parse(arena, networks, report_open(arena), &nets) ==
		       ERR_OK &&
	       address_parse(address, &client) && address_is_in(&nets, &client);
}

static const char *body_hash(const struct call *call)
{
	struct sha256 *hash = sha256_open(call->arena);

	sha256_add(hash, call->request->body, call->request->body_len);
	return sha256_hex(hash, call->arena);
}

/* What the owner keeps of his desk is dropped before the answer goes out, as
   behind his own orders. */
enum err handle_hook_call(struct call *call, const void *input, void *out)
{
	const struct hook_input *in = input;
	const struct services *services = call->services;
	const struct hook_attempt attempt = {.secret = in->secret,
		.signature = call->request->signature,
		.body = call->request->body,
		.body_len = call->request->body_len,
		.is_allowed = is_allowed};
	struct hook_grant grant;
	struct scope *scope;
	enum err err = auth_hook_admit(
		services->auth, &call->who_calls, &attempt, &grant, &scope);

	if (err != ERR_OK)
		return err;
	err = hook_take(scope, services->limits,
		&(const struct hook_call){.hook_id = grant.hook_id,
			.address = call->who_calls.address,
			.refused = grant.refused,
			.body_hash = body_hash(call),
			.signed_s = grant.signed_s,
			.order = &in->order},
		out);
	cache_drop_user(call, scope_user(scope));
	return err;
}
