/* System settings that admins change at run time: /admin/settings. */
#ifndef API_ADMIN_SETTINGS_H
#define API_ADMIN_SETTINGS_H

#include "route.h"

struct system_settings_input {
	const struct json *values; /* {"NAME": value or null, ...} */
};

extern const struct shape system_settings_shape;
extern const struct shape system_settings_input_shape;

route_admin handle_system_settings;	/* -> system_settings */
route_admin handle_system_settings_put; /* system_settings_input -> same */

#endif
