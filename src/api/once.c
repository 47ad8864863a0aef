/*
 * A creating call that its client may send again. What it asked is compared
 * by a hash of the path, the query and the body's bytes. Must never make a second thing
 * for one key.
 */
#include "once_api.h"

#include "once_private.h"
#include "route.h"
#include "sha256.h"

static const char *hash_of(const struct call *call)
{
	struct sha256 *hash = sha256_open(call->arena);
	const struct request *request = call->request;

	for (size_t i = 0; i < request->segment_count; i++) {
		sha256_add(hash, request->segments[i],
			strlen(request->segments[i]) + 1);
	}
	for (size_t i = 0; i < request->query_count; i++) {
		const struct param *param = &request->query[i];

		sha256_add(hash, param->name, strlen(param->name) + 1);
		sha256_add(hash, param->value, strlen(param->value) + 1);
	}
	if (request->body_len > 0)
		sha256_add(hash, request->body, request->body_len);
	return sha256_hex(hash, call->arena);
}

struct idempotency *once_of(struct call *call,
	const char *(*print)(struct arena *arena, const void *view))
{
	struct idempotency *once;

	if (!call->request->idempotency_key)
		return NULL;
	once = arena_alloc(call->arena, sizeof(*once));
	*once = (struct idempotency){
		.key = call->request->idempotency_key,
		.route = arena_format(call->arena, "%s %s",
			http_method_name(call->route->method),
			call->route->path),
		.body_hash = hash_of(call),
		.print = print,
	};
	return once;
}

bool once_answered(struct call *call, const struct idempotency *once)
{
	if (!once || !once->stored)
		return false;
	buf_text(&call->reply.body, once->stored);
	return true;
}

/* ---- for the gate -------------------------------------------------------------- */

static enum err begin(struct call *call, struct scope *scope, bool *repeated)
{
	struct idempotency *once = once_of(call, NULL);
	enum err err = idempotency_begin(scope, once);

	if (err != ERR_OK || !once->stored)
		return err;
	buf_text(&call->reply.body, once->stored);
	call->reply.status = (int)once->status;
	call->reply.headers[REPLY_LOCATION] = once->location;
	*repeated = true;
	return ERR_OK;
}

/* What holds a secret, or is too long, is not kept: that it was done is. */
static void keep(struct call *call, struct scope *scope)
{
	const struct reply *reply = &call->reply;
	struct idempotency *once = once_of(call, NULL);
	const bool may = !(call->route->demands & HIDES_ANSWER) &&
			 reply->body.len <= IDEMPOTENCY_ANSWER_LIMIT;

	once->status = reply->status;
	once->location = reply->headers[REPLY_LOCATION];
	(void)!idempotency_settle(scope, once, may ? reply->body.data : NULL);
}

static void drop(struct call *call, struct scope *scope)
{
	(void)!idempotency_drop(scope, once_of(call, NULL));
}

const struct once_keeper once_keeper = {begin, keep, drop};
