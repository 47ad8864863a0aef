/*
 * Opening what users sealed (settings.h). Not linked into kontor.fcgi: only
 * `kontor work` holds the vault's keys.
 */
#ifndef DOMAIN_USER_SECRETS_H
#define DOMAIN_USER_SECRETS_H

#include "scope.h"
#include "vault_keys.h"

/*
 * In the scope's arena: secret_wipe() it after use. ERR_NOT_FOUND: the user
 * has set none. ERR_BAD_INPUT: it does not open. updated_at, ms, may be NULL.
 */
MUST_CHECK enum err user_secret_open(struct scope *scope,
	const struct vault_keys *keys, const char *name,
	struct vault_value *out, int64_t *updated_at);

#endif
