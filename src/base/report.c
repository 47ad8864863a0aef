/*
 * Collects what a client is told about a failure. Everything is copied into
 * the request's arena; nothing here decides, logs or prints.
 */
#include "report.h"

#include <stdarg.h>

#include "buf.h"

enum {
	REPORT_TEXT_MAX = 1024,
	POINTER_MAX = 4096
};

struct report *report_open(struct arena *arena)
{
	struct report *report = arena_alloc(arena, sizeof(*report));

	report->arena = arena;
	return report;
}

static const char *words(struct arena *arena, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
static const char *words(struct arena *arena, const char *format, va_list args)
{
	char text[REPORT_TEXT_MAX];

	if (vsnprintf(text, sizeof(text), format, args) < 0)
		text[0] = '\0';
	return arena_text(arena, text);
}

void report_detail(struct report *report, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report->detail = words(report->arena, format, args);
	va_end(args);
}

void report_fault(
	struct report *report, const char *pointer, const char *format, ...)
{
	struct fault *fault;
	va_list args;

	if (report->fault_count >= REPORT_FAULT_LIMIT)
		return;
	if (!report->faults)
		report->faults = arena_array(
			report->arena, REPORT_FAULT_LIMIT, sizeof(*fault));
	fault = &report->faults[report->fault_count++];
	fault->pointer = arena_text(report->arena, pointer);
	va_start(args, format);
	fault->message = words(report->arena, format, args);
	va_end(args);
}

void report_event(struct report *report, const char *event)
{
	report->event = event ? arena_text(report->arena, event) : NULL;
}

const char *report_pointer(
	struct arena *arena, const char *parent, const char *name)
{
	struct buf out;

	buf_init(&out, arena, POINTER_MAX);
	buf_text(&out, parent);
	buf_char(&out, '/');
	for (; *name; name++) {
		if (*name == '~')
			buf_text(&out, "~0");
		else if (*name == '/')
			buf_text(&out, "~1");
		else
			buf_char(&out, *name);
	}
	return out.data;
}

const char *report_pointer_index(
	struct arena *arena, const char *parent, size_t index)
{
	return arena_format(arena, "%s/%zu", parent, index);
}
