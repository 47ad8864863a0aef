/* Channels and what went through them. A key is in one answer only. */
#include "notifications_api.h"

#include "channels.h"
#include "errands.h"
#include "errands_private.h"
#include "events.h"
#include "replies_private.h"

static const struct field channel_new_fields[] = {
	FIELD(struct channel_new, kind, .required = true,
		.one_of = channel_kinds,
		.doc = "telegram uses the token and chat id of the settings"),
	FIELD(struct channel_new, address, .nullable = true, .min = 3,
		.max = 254, .doc = "of email"),
	FIELD(struct channel_new, url, .nullable = true, .min = 8, .max = 1024,
		.doc = "of webhook: https; sealed, only its host is shown"),
	FIELD(struct channel_new, events, .one_of = event_choices,
		.doc = "of what it tells; absent: all"),
	FIELD(struct channel_new, enabled, .otherwise = true,
		.doc = "absent: true"),
};
const struct shape channel_new_shape =
	SHAPE("channel_new", struct channel_new, channel_new_fields);

static const struct field channel_change_fields[] = {
	FIELD(struct channel_change, id, .required = true, .from = FROM_PATH,
		.doc = "the channel's id"),
	FIELD(struct channel_change, events, .one_of = event_choices,
		.doc = "of what it tells; absent: as it is"),
	FIELD(struct channel_change, enabled, .nullable = true,
		.doc = "true or false; absent: as it is"),
};
const struct shape channel_change_shape =
	SHAPE("channel_change", struct channel_change, channel_change_fields);

/* clang-format off */
#define CHANNEL_FIELDS                                                     \
	FIELD(struct channel_view, id, .doc = "the channel's id"),         \
	FIELD(struct channel_view, kind, .one_of = channel_kinds,          \
		.doc = "how it tells"),                                    \
	FIELD(struct channel_view, address, .nullable = true,              \
		.doc = "of email; of webhook scheme and host"),            \
	FIELD(struct channel_view, events, .one_of = event_choices,        \
		.doc = "of what it tells"),                                \
	FIELD(struct channel_view, enabled, .doc = "is it on?"),           \
	FIELD(struct channel_view, failures,                               \
		.doc = "in a row, since it last went well"),               \
	FIELD(struct channel_view, last_error, .nullable = true,           \
		.doc = "why the last one failed"),                         \
	FIELD(struct channel_view, sent_at, .nullable = true,              \
		.doc = "when something last went out"),                    \
	FIELD(struct channel_view, created_at, .doc = "when it was made"), \
	FIELD(struct channel_view, updated_at, .doc = "when it was changed")
/* clang-format on */
static const struct field channel_view_fields[] = {CHANNEL_FIELDS};
const struct shape channel_view_shape =
	SHAPE("channel", struct channel_view, channel_view_fields);
static const struct field channel_created_fields[] = {CHANNEL_FIELDS,
	FIELD(struct channel_view, key, .nullable = true,
		.doc = "what a webhook's signatures are made with; shown this "
		       "once")};
const struct shape channel_created_shape =
	SHAPE("channel_created", struct channel_view, channel_created_fields);
static const struct field channels_fields[] = PAGE_FIELDS(channel_view_shape);
const struct shape channels_shape =
	SHAPE("channels", struct page, channels_fields);

static const struct field notification_fields[] = {
	FIELD(struct notification_view, id, .doc = "the message's id"),
	FIELD(struct notification_view, channel_id, .doc = "where it goes"),
	FIELD(struct notification_view, channel_kind, .one_of = channel_kinds,
		.doc = "and how"),
	FIELD(struct notification_view, kind, .one_of = event_kinds,
		.doc = "of what"),
	FIELD(struct notification_view, text, .doc = "what it says"),
	FIELD(struct notification_view, state, .one_of = notification_states,
		.doc = "failed: given up, see error; summed: one of many that "
		       "a digest counts"),
	FIELD(struct notification_view, attempts, .doc = "to send it"),
	FIELD(struct notification_view, error, .nullable = true,
		.doc = "why the last attempt failed"),
	FIELD(struct notification_view, created_at, .doc = "when it happened"),
	FIELD(struct notification_view, next_at, .nullable = true,
		.doc = "when it is tried next"),
	FIELD(struct notification_view, ended_at, .nullable = true,
		.doc = "when it was sent or given up"),
};
static const struct shape notification_shape =
	SHAPE("notification", struct notification_view, notification_fields);
static const struct field notifications_fields[] =
	PAGE_FIELDS(notification_shape);
const struct shape notifications_shape =
	SHAPE("notifications", struct page, notifications_fields);

enum err handle_notifications(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	(void)call;
	return notification_list(scope, input, out);
}

enum err handle_channels(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	struct page *page = out;

	(void)call;
	(void)input;
	return channel_list(scope, &page->data);
}

enum err handle_channel_create(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct services *services = call->services;
	const struct channel_view *view = out;
	enum err err = channel_create(
		scope, services->vault, &services->limits->notify, input, out);

	if (err == ERR_OK)
		reply_created(call, "/notifications/channels", view->id);
	return err;
}

enum err handle_channel_update(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	(void)call;
	return channel_update(scope, input, out);
}

enum err handle_channel_remove(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct by_id *in = input;

	(void)call;
	(void)out;
	return channel_remove(scope, in->id);
}

enum err handle_channel_test(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct by_id *in = input;
	const struct errand_new errand = {.kind = ERRAND_TEST_CHANNEL,
		.input = arena_format(call->arena, "\"%s\"", in->id)};
	struct channel_view channel;
	enum err err = channel_get(scope, in->id, &channel);

	return err == ERR_OK ? errand_ask(call, scope, &errand, out) : err;
}
