/*
 * Sealing secrets so that the web workers cannot open them: X25519 sealed
 * boxes (libsodium crypto_box_seal) to the vault's public key. The place a
 * secret belongs to (user, table, column, row) is sealed inside and compared
 * when it is opened: a record moved elsewhere does not open.
 *
 * Record: 1 byte version, 8 bytes key id, then the box of
 * (length-prefixed place || value).
 */
#ifndef VAULT_VAULT_H
#define VAULT_VAULT_H

#include <stddef.h>

#include "arena.h"
#include "bytes.h"
#include "err.h"

struct vault;

struct vault_place {
	const char *user_id;
	const char *table;
	const char *column;
	const char *row_id;
};

enum {
	VAULT_VALUE_LIMIT = 4096,
	VAULT_KEY_ID_ROOM = 17
};

/*
 * Opens the public half: folder/vault.pub, lines "ID HEX ACTIVE|RETIRED".
 * ERR_UNAVAILABLE when missing or broken. The file is looked at again when
 * it changes, so a rotation needs no restart.
 */
MUST_CHECK enum err vault_open(
	struct arena *arena, const char *folder, struct vault **out);
void vault_close(struct vault **vault);
MUST_CHECK enum err vault_seal(struct vault *vault, struct arena *arena,
	const struct vault_place *place, const char *value,
	struct bytes *record);
/* The id of the key new secrets are sealed with; 16 hex digits. */
MUST_CHECK enum err vault_active_key(struct vault *vault, const char **out);

#endif
