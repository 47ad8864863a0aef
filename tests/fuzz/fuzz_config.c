/*
 * The settings file. Promise: it is either refused with words, or every
 * number is within the range of its row.
 */
#include "fuzz.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config.h"

static void check_rows(const struct config *config)
{
	for (size_t i = 0; i < config_table.count; i++) {
		const struct conf_row *row = &config_table.rows[i];
		const char *at = (const char *)config + row->offset;
		int64_t value;

		if (row->kind != CONF_INT || (row->min == 0 && row->max == 0))
			continue;
		memcpy(&value, at, sizeof(value));
		fuzz_require(value >= row->min && value <= row->max);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = fuzz_arena();
	struct report *report = report_open(arena);
	struct config config;
	char path[64];
	int fd = memfd_create("settings", MFD_CLOEXEC);

	fuzz_require(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (config_load(arena, path, report, &config) == ERR_OK)
		check_rows(&config);
	else
		fuzz_require(report->fault_count > 0);
	(void)close(fd);
	return 0;
}
