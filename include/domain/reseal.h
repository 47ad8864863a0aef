/*
 * Moves stored secrets to the vault's active key, in small transactions: it
 * runs while others work and goes on after a crash where it stopped. Needs
 * the vault's private half; not linked into kontor.fcgi.
 */
#ifndef DOMAIN_RESEAL_H
#define DOMAIN_RESEAL_H

#include "scope.h"
#include "vault.h"
#include "vault_keys.h"

/* *left counts records that could not be opened. */
MUST_CHECK enum err secrets_reseal(struct admin_scope *admin,
	const struct vault_keys *keys, struct vault *vault, int64_t *moved,
	int64_t *left);
/* How many stored secrets only this key opens. */
MUST_CHECK enum err secrets_sealed_with(
	struct admin_scope *admin, const char *key_id, int64_t *out);

#endif
