/*
 * The functions of a shelf's store, which three files share. Private to
 * src/store.
 */
#ifndef STORE_SHELF_PRIVATE_H
#define STORE_SHELF_PRIVATE_H

#include "store_private.h"

enum err answers_look(void *self, struct arena *arena, int64_t now,
	const struct store_question *question, struct store_look *out);
enum err answers_keep(void *self, int64_t now, const struct store_look *look,
	const struct store_answer *answer);
enum err answers_mark(void *self, int64_t now, const struct store_mark *mark);
enum err answers_flush(void *self);

enum err windows_take(void *self, int64_t now,
	const struct store_windows *windows, struct store_taken *out);
enum err windows_blocked(void *self, struct arena *arena, int64_t now,
	struct store_blocked_list *out);
enum err windows_forgive(void *self, const struct store_who *who);

/* Latest end first, then by name: the same from every backend. */
void blocked_sort(struct store_blocked *items, size_t count);

#endif
