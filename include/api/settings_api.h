/*
 * One's own settings: /settings.
 * (Not settings.h: api sees that name in include/domain.)
 */
#ifndef API_SETTINGS_API_H
#define API_SETTINGS_API_H

#include "route.h"
#include "settings.h"

/* A patch in which notifications may be true, false, or the words. */
struct settings_input {
	struct settings_patch patch;
	const struct json *notifications;
};

extern const struct shape settings_shape;
extern const struct shape settings_input_shape;

route_user handle_settings;	  /* -> settings */
route_user handle_settings_put;	  /* settings_input -> settings */
route_user handle_settings_patch; /* settings_input -> settings */

#endif
