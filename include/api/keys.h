/* API keys: /keys. The secret is in the reply of POST only. */
#ifndef API_KEYS_H
#define API_KEYS_H

#include "replies.h"
#include "route.h"

extern const struct shape api_key_new_shape;
extern const struct shape api_key_created_shape;
extern const struct shape api_keys_shape;

route_user handle_keys;	      /* -> api_keys */
route_user handle_key_create; /* api_key_new -> 201 api_key_created */
route_user handle_key_remove; /* by_id -> 204 */

#endif
