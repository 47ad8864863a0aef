/*
 * Errands. Their results are the background process's words, made for the
 * user; nothing secret is in them.
 */
#include "errands_private.h"

#include "replies_private.h"

static const struct field errand_fields[] = {
	FIELD(struct errand_view, id, .doc = "the errand's id"),
	FIELD(struct errand_view, kind, .one_of = errand_kinds,
		.doc = "what is done"),
	FIELD(struct errand_view, state, .one_of = errand_states,
		.doc = "done: result says what came back; failed: error says "
		       "why"),
	FIELD(struct errand_view, result, .doc = "null until it is done"),
	FIELD(struct errand_view, error, .nullable = true,
		.doc = "why it failed"),
	FIELD(struct errand_view, created_at, .doc = "when it was asked for"),
	FIELD(struct errand_view, ended_at, .nullable = true,
		.doc = "when it was done or failed"),
};
const struct shape errand_view_shape =
	SHAPE("errand", struct errand_view, errand_fields);

enum err handle_errand(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct by_id *in = input;

	(void)call;
	return errand_get(scope, in->id, out);
}

enum err errand_ask(struct call *call, struct scope *scope,
	const struct errand_new *errand, void *out)
{
	struct errand_view *view = out;
	enum err err = errand_put(scope, call->services->limits,
		call->services->vault, errand, view);

	if (err == ERR_OK)
		reply_created(call, "/errands", view->id);
	return err;
}

enum err handle_test_binance(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	(void)input;
	return errand_ask(call, scope,
		&(const struct errand_new){.kind = ERRAND_TEST_BINANCE}, out);
}

enum err handle_test_telegram(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	(void)input;
	return errand_ask(call, scope,
		&(const struct errand_new){.kind = ERRAND_TEST_TELEGRAM}, out);
}
