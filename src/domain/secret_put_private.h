/* Sealed secrets of a user, by name; the table is reseal.c's too, so that a
   rotation of the vault's key reaches all of them. */
#ifndef DOMAIN_SECRET_PUT_PRIVATE_H
#define DOMAIN_SECRET_PUT_PRIVATE_H

#include "scope.h"

struct vault;

/* Sealed in the place of what was there. */
MUST_CHECK enum err user_secret_put(struct scope *scope, struct vault *vault,
	const char *name, const char *value);
MUST_CHECK enum err user_secret_drop(struct scope *scope, const char *name);

#endif
