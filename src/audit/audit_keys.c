/*
 * The key file of the log. Keys are never dropped: each is needed to check
 * the rows that it hashed.
 */
#include "audit_private.h"

enum err audit_keys_create(
	struct arena *arena, const char *folder, int64_t now_ms)
{
	return key_file_create(arena, folder, audit_file_name, now_ms);
}

enum err audit_keys_rotate(
	struct arena *arena, const char *folder, int64_t now_ms)
{
	return key_file_rotate(
		arena, folder, audit_file_name, now_ms, INT64_MAX);
}
