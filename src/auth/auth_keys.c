/*
 * The operator's acts on the key files of accounts: make, rotate, list
 * (base/key_ring.h does the work). Never shows a key.
 */
#include "auth.h"

#include "file.h"
#include "key_ring.h"

enum {
	/* a token signed as the file changed must still find its key */
	RETIRE_MARGIN_MS = 60000
};

static const char token_file_name[] = "token.keys";
static const char hash_file_name[] = "hash.keys";

enum err auth_keys_create(
	struct arena *arena, const char *folder, int64_t now_ms)
{
	enum err err = key_file_create(arena, folder, token_file_name, now_ms);

	if (err == ERR_OK)
		err = key_file_create(arena, folder, hash_file_name, now_ms);
	return err;
}

/* The old key verifies for as long as its last token lives. */
enum err auth_keys_rotate(struct arena *arena, const char *folder,
	int64_t now_ms, int64_t access_ttl_s)
{
	if (now_ms < 0 || access_ttl_s < 0 || access_ttl_s > INT32_MAX)
		return ERR_UNAVAILABLE;
	return key_file_rotate(arena, folder, token_file_name, now_ms,
		now_ms + access_ttl_s * 1000 + RETIRE_MARGIN_MS);
}

static enum err list_file(struct arena *arena, const char *path,
	const char *purpose, struct auth_key_info *out, size_t *count)
{
	struct key_set set = {0};
	enum err err = key_file_read(path, &set, NULL);

	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < set.count; i++)
		out[(*count)++] = (struct auth_key_info){
			.purpose = purpose,
			.id = arena_text(arena, set.keys[i].id),
			.state = set.keys[i].active ? "active" : "retired",
			.created = set.keys[i].created,
		};
	key_set_release(&set);
	return ERR_OK;
}

enum err auth_keys_list(struct arena *arena, const char *folder,
	struct auth_key_info **out, size_t *count)
{
	struct auth_key_info *infos =
		arena_array(arena, (size_t)2 * KEY_RING_LIMIT, sizeof(*infos));
	size_t found = 0;
	enum err err =
		list_file(arena, file_join(arena, folder, token_file_name),
			"token", infos, &found);

	if (err == ERR_OK)
		err = list_file(arena, file_join(arena, folder, hash_file_name),
			"hash", infos, &found);
	if (err != ERR_OK)
		return err;
	*out = infos;
	*count = found;
	return ERR_OK;
}
