/*
 * The audit log as admins read it: filters, pages, and that an index leads
 * to what a filter names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audit.h"
#include "audit_list.h"
#include "auth.h"
#include "db_suite.h"

static const int64_t start = 1800000000000; /* ms, 2027-01-15 */

struct world {
	struct db_world *db;
	const char *keys;
	struct audit *audit;
	struct audit_query in;
	struct page out;
};

static void append(struct world *w, const char *event, const char *actor,
	const char *object)
{
	const int64_t seq = db_number(w->db->db, w->db->arena,
		"SELECT coalesce(max(seq), 0) + 1 FROM audit_log");
	const struct audit_event one = {
		.at = start + seq,
		.event = event,
		.result = seq % 2 ? AUDIT_OK : AUDIT_DENIED,
		.actor = actor,
		.object = object,
	};

	assert_int_equal(audit_append(w->audit, w->db->arena, &one), ERR_OK);
}

static int open_world(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct audit_options options;

	assert_non_null(w);
	w->db = db_world_ready();
	w->keys = file_join(w->db->arena, w->db->folder, "keys");
	assert_int_equal(
		audit_keys_create(w->db->arena, w->keys, start), ERR_OK);
	options =
		(struct audit_options){.db = w->db->db, .key_folder = w->keys};
	assert_int_equal(audit_open(w->db->arena, &options,
				 report_open(w->db->arena), &w->audit),
		ERR_OK);
	append(w, "auth.login", "alice", NULL);		 /* 1 ok */
	append(w, "auth.login.failed", NULL, NULL);	 /* 2 denied */
	append(w, "authority", "bob", NULL);		 /* 3 ok */
	append(w, "admin.user.role", "alice", "bob");	 /* 4 denied */
	append(w, "admin.user.disable", "alice", "bob"); /* 5 ok */
	append(w, "auth.login", "bob", NULL);		 /* 6 denied */
	w->in.limit = 50;
	*state = w;
	return 0;
}

static int close_world(void **state)
{
	struct world *w = *state;

	audit_close(&w->audit);
	(void)folder_walk(w->keys, 1);
	db_world_close(w->db);
	free(w);
	return 0;
}

static enum err list(struct world *w)
{
	return audit_list(auth_operator_scope(w->db->db, w->db->arena,
				  report_open(w->db->arena), start),
		&w->in, &w->out);
}

/* The numbers that come, "6 5 4". */
static void expect(struct world *w, const char *numbers)
{
	const struct audit_entry *entries;
	const char *got = "";

	assert_int_equal(list(w), ERR_OK);
	entries = w->out.data.items;
	for (size_t i = 0; i < w->out.data.count; i++)
		got = arena_format(w->db->arena, "%s%s%d", got, i ? " " : "",
			(int)entries[i].seq);
	assert_string_equal(got, numbers);
}

static void the_newest_come_first(void **state)
{
	struct world *w = *state;
	const struct audit_entry *entry;

	expect(w, "6 5 4 3 2 1");
	assert_null(w->out.next_cursor);
	entry = (const struct audit_entry *)w->out.data.items + 2;
	assert_int_equal(entry->at.ms, start + 4);
	assert_string_equal(entry->event, "admin.user.role");
	assert_string_equal(entry->result, "denied");
	assert_string_equal(entry->actor, "alice");
	assert_string_equal(entry->object, "bob");
	assert_null(entry->address);
	assert_null(entry->detail);
}

static void each_filter_narrows(void **state)
{
	const struct timestamp from = {start + 2};
	const struct timestamp to = {start + 5};
	static const struct {
		struct audit_query in;
		const char *numbers;
	} rows[] = {
		{{.event = "auth.login"}, "6 1"},
		{{.event = "auth."}, "6 2 1"},
		{{.event = "auth"}, ""},
		{{.event = "admin.user."}, "5 4"},
		{{.event = "nothing"}, ""},
		{{.actor = "alice"}, "5 4 1"},
		{{.object = "bob"}, "5 4"},
		{{.object = "nobody"}, ""},
		{{.result = "denied"}, "6 4 2"},
		{{.actor = "alice", .result = "ok"}, "5 1"},
		{{.actor = "alice", .event = "auth."}, "1"},
		{{.actor = "bob", .event = "auth.login"}, "6"},
		{{.object = "bob", .actor = "alice", .event = "admin."}, "5 4"},
		{{.object = "bob", .actor = "bob"}, ""},
		{{.object = "bob", .event = "admin.user.role"}, "4"},
		/* no pattern language */
		{{.event = "%"}, ""},
		{{.actor = "' OR 1 = 1 --"}, ""},
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		w->in = rows[i].in;
		w->in.limit = 50;
		expect(w, rows[i].numbers);
	}
	w->in = (struct audit_query){.from = &from, .limit = 50};
	expect(w, "6 5 4 3 2");
	w->in.to = &to;
	expect(w, "4 3 2");
	w->in.event = "admin.";
	expect(w, "4");
}

static void pages_follow_each_other(void **state)
{
	struct world *w = *state;

	w->in.limit = 2;
	expect(w, "6 5");
	w->in.cursor = w->out.next_cursor;
	/* what is added meanwhile does not move the pages */
	append(w, "auth.login", "carol", NULL);
	expect(w, "4 3");
	w->in.cursor = w->out.next_cursor;
	expect(w, "2 1");
	assert_null(w->out.next_cursor);
	w->in = (struct audit_query){.actor = "alice", .limit = 2};
	expect(w, "5 4");
	w->in.cursor = w->out.next_cursor;
	expect(w, "1");
}

static void foreign_cursors_are_refused(void **state)
{
	struct world *w = *state;

	w->in.cursor = "x";
	assert_int_equal(list(w), ERR_BAD_INPUT);
	/* "strategies:..." */
	w->in.cursor = "c3RyYXRlZ2llczoxOjAwMDAwMDAw";
	assert_int_equal(list(w), ERR_BAD_INPUT);
}

/* How SQLite would run it: the words of its plan. */
static const char *plan(struct world *w, const char *where)
{
	const char *sql = arena_format(w->db->arena,
		"EXPLAIN QUERY PLAN SELECT seq FROM audit_log WHERE seq < 9"
		" AND (NULL IS NULL OR result = 'ok') AND %s"
		" ORDER BY seq DESC LIMIT 5",
		where);
	struct rows *rows = NULL;
	bool more = false;
	const char *words = "";

	assert_int_equal(
		db_query(w->db->db, w->db->arena, sql, NO_BINDS, &rows),
		ERR_OK);
	while (rows_next(rows, &more) == ERR_OK && more)
		words = arena_format(
			w->db->arena, "%s%s;", words, rows_text(rows, 3));
	return words;
}

static void filters_use_their_index_and_never_sort(void **state)
{
	static const struct {
		const char *where, *index;
	} rows[] = {
		{"event = 'x'", "audit_log_event"},
		{"actor = 'x'", "audit_log_actor"},
		{"object = 'x'", "audit_log_object"},
		{"(NULL IS NULL OR event = 'x')", "INTEGER PRIMARY KEY"},
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *words = plan(w, rows[i].where);

		if (!strstr(words, rows[i].index) || strstr(words, "TEMP"))
			fail_msg("%s: %s", rows[i].where, words);
	}
}

int main(void)
{
#define CASE(test) \
	cmocka_unit_test_setup_teardown(test, open_world, close_world)
	const struct CMUnitTest tests[] = {
		CASE(the_newest_come_first),
		CASE(each_filter_narrows),
		CASE(pages_follow_each_other),
		CASE(foreign_cursors_are_refused),
		CASE(filters_use_their_index_and_never_sort),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
