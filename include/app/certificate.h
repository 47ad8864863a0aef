/* When a certificate ends. Only `kontor` has it: workers read no files of the
   web server's. */
#ifndef APP_CERTIFICATE_H
#define APP_CERTIFICATE_H

#include <stdint.h>

#include "arena.h"
#include "err.h"

/*
 * notAfter (ms UTC) of the first certificate of a PEM file, which is the
 * server's own. ERR_NOT_FOUND: no such file; ERR_BAD_INPUT: no certificate.
 */
MUST_CHECK enum err certificate_end(
	struct arena *arena, const char *path, int64_t *out);

#endif
