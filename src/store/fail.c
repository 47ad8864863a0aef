/*
 * The store that always fails, for tests of those who use one: nothing may
 * depend on a store that works.
 */
#include "store_private.h"

static enum err fail_get(void *self, struct arena *arena, int64_t now,
	const char *key, struct store_value *out)
{
	(void)self, (void)arena, (void)now, (void)key, (void)out;
	return ERR_UNAVAILABLE;
}

static enum err fail_put(
	void *self, int64_t now, const struct store_entry *entry)
{
	(void)self, (void)now, (void)entry;
	return ERR_UNAVAILABLE;
}

static enum err fail_remove(void *self, const char *key)
{
	(void)self, (void)key;
	return ERR_UNAVAILABLE;
}

static enum err fail_add(void *self, int64_t now,
	const struct store_entry *entry, int64_t delta,
	int64_t *out) /* NOLINT(readability-non-const-parameter): the table's */
{
	(void)self, (void)now, (void)entry, (void)delta, (void)out;
	return ERR_UNAVAILABLE;
}

static enum err fail_look(void *self, struct arena *arena, int64_t now,
	const struct store_question *question, struct store_look *out)
{
	(void)self, (void)arena, (void)now, (void)question, (void)out;
	return ERR_UNAVAILABLE;
}

static enum err fail_keep(void *self, int64_t now,
	const struct store_look *look, const struct store_answer *answer)
{
	(void)self, (void)now, (void)look, (void)answer;
	return ERR_UNAVAILABLE;
}

static enum err fail_mark(
	void *self, int64_t now, const struct store_mark *mark)
{
	(void)self, (void)now, (void)mark;
	return ERR_UNAVAILABLE;
}

static enum err fail_flush(void *self)
{
	(void)self;
	return ERR_UNAVAILABLE;
}

static enum err fail_take(void *self, int64_t now,
	const struct store_windows *windows, struct store_taken *out)
{
	(void)self, (void)now, (void)windows, (void)out;
	return ERR_UNAVAILABLE;
}

static enum err fail_blocked(void *self, struct arena *arena, int64_t now,
	struct store_blocked_list *out)
{
	(void)self, (void)arena, (void)now, (void)out;
	return ERR_UNAVAILABLE;
}

static enum err fail_forgive(void *self, const struct store_who *who)
{
	(void)self, (void)who;
	return ERR_UNAVAILABLE;
}

static enum err fail_state(void *self, int64_t now, struct store_state *out)
{
	(void)self, (void)now, (void)out;
	return ERR_UNAVAILABLE;
}

static void fail_close(void *self)
{
	(void)self;
}

static const struct store_ops fail_ops = {.name = "fail",
	.get = fail_get,
	.put = fail_put,
	.remove = fail_remove,
	.add = fail_add,
	.look = fail_look,
	.keep = fail_keep,
	.mark = fail_mark,
	.flush = fail_flush,
	.take = fail_take,
	.blocked = fail_blocked,
	.forgive = fail_forgive,
	.state = fail_state,
	.close = fail_close};

void fail_open(struct store_backend *out)
{
	*out = (struct store_backend){
		.ops = &fail_ops, .self = NULL, .label = STORE_LABEL_OTHER};
}
