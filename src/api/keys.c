/* API keys. The secret is shown once, in the reply that creates the key. */
#include "keys.h"

#include "account.h"
#include "replies_private.h"

static const struct field api_key_new_fields[] = {
	FIELD(struct api_key_new, name, .required = true, .min = 1, .max = 100,
		.doc = "what it is for"),
	FIELD(struct api_key_new, scopes, .required = true, .min = 1, .max = 32,
		.one_of = auth_permissions, .doc = "what it may do"),
	FIELD(struct api_key_new, expires_at, .nullable = true,
		.doc = "when it ends; absent: never"),
};
const struct shape api_key_new_shape =
	SHAPE("api_key_new", struct api_key_new, api_key_new_fields);

static const struct field api_key_fields[] = {
	FIELD(struct api_key_view, id, .doc = "the key's id"),
	FIELD(struct api_key_view, name, .doc = "what it is for"),
	FIELD(struct api_key_view, hint, .doc = "its last characters"),
	FIELD(struct api_key_view, scopes, .doc = "what it may do"),
	FIELD(struct api_key_view, created_at, .doc = "when it was made"),
	FIELD(struct api_key_view, expires_at, .nullable = true,
		.doc = "when it ends"),
	FIELD(struct api_key_view, last_used_at, .nullable = true,
		.doc = "when it was last used"),
};
static const struct shape api_key_shape =
	SHAPE("api_key", struct api_key_view, api_key_fields);
static const struct field api_keys_fields[] = PAGE_FIELDS(api_key_shape);
const struct shape api_keys_shape =
	SHAPE("api_keys", struct page, api_keys_fields);

/* The members of the view stand beside the secret, not inside an object. */
/* clang-format off */
#define VIEW_FIELD(member, ...)                                            \
	{ .name = #member,                                                 \
	  .kind = SHAPE_KIND(((struct api_key_view *)0)->member),          \
	  .offset = offsetof(struct api_key_created, view.member), __VA_ARGS__ }
/* clang-format on */
static const struct field api_key_created_fields[] = {
	VIEW_FIELD(id, .doc = "the key's id"),
	VIEW_FIELD(name, .doc = "what it is for"),
	VIEW_FIELD(hint, .doc = "its last characters"),
	VIEW_FIELD(scopes, .doc = "what it may do"),
	VIEW_FIELD(created_at, .doc = "when it was made"),
	VIEW_FIELD(expires_at, .nullable = true, .doc = "when it ends"),
	VIEW_FIELD(
		last_used_at, .nullable = true, .doc = "when it was last used"),
	FIELD(struct api_key_created, secret,
		.doc = "for X-API-Key; shown this once"),
};
const struct shape api_key_created_shape = SHAPE(
	"api_key_created", struct api_key_created, api_key_created_fields);

enum err handle_keys(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	struct page *page = out;

	(void)scope;
	(void)input;
	return api_key_list(call->services->auth, &call->who_calls,
		&call->identity, &page->data);
}

enum err handle_key_create(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct api_key_new *in = input;
	struct api_key_created *created = out;
	enum err err;

	(void)scope;
	err = api_key_create(call->services->auth, &call->who_calls,
		&call->identity, in, created);
	if (err == ERR_OK)
		reply_created(call, "/keys", created->view.id);
	return err;
}

enum err handle_key_remove(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct by_id *in = input;

	(void)scope;
	(void)out;
	return api_key_remove(call->services->auth, &call->who_calls,
		&call->identity, in->id);
}
