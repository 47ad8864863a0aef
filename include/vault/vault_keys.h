/*
 * The private half of the vault: only `kontor work` and the key commands
 * link this (kontor.fcgi does not contain it; a check on the program proves
 * it). File: folder/vault.keys, 0600, lines "ID HEX ACTIVE|RETIRED".
 */
#ifndef VAULT_VAULT_KEYS_H
#define VAULT_VAULT_KEYS_H

#include "arena.h"
#include "bytes.h"
#include "err.h"
#include "vault.h"

struct vault_keys;

struct vault_key_info {
	const char *id;
	const char *state; /* "active" | "retired" */
};

/* Makes the first key pair, both files, when there are none. */
MUST_CHECK enum err vault_keys_create(struct arena *arena, const char *folder);
/* A new active pair; older ones stay for opening. */
MUST_CHECK enum err vault_keys_rotate(struct arena *arena, const char *folder);
/* Forgets a retired key that seals nothing any more. */
MUST_CHECK enum err vault_keys_remove(
	struct arena *arena, const char *folder, const char *id);
MUST_CHECK enum err vault_keys_open(
	struct arena *arena, const char *folder, struct vault_keys **out);
void vault_keys_close(struct vault_keys **keys);
/* Ids and states, newest first, from the public file alone. */
MUST_CHECK enum err vault_keys_list(struct arena *arena, const char *folder,
	struct vault_key_info **out, size_t *count);
/* An opened secret, NUL-terminated, in the arena: secret_wipe() it after
   use. */
struct vault_value {
	char *text;
	size_t len;
};
/*
 * ERR_BAD_INPUT when the record is broken, of an unknown key, or sealed for
 * another place.
 */
MUST_CHECK enum err vault_unseal(const struct vault_keys *keys,
	struct arena *arena, const struct vault_place *place,
	struct bytes record, struct vault_value *out);
/* The key id a record was sealed with. */
MUST_CHECK enum err vault_record_key(
	struct bytes record, char id[VAULT_KEY_ID_ROOM]);

#endif
