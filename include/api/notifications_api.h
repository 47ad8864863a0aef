/* Shapes and handlers of /notifications. */
#ifndef API_NOTIFICATIONS_API_H
#define API_NOTIFICATIONS_API_H

#include "route.h"

extern const struct shape channel_new_shape;
extern const struct shape channel_change_shape;
extern const struct shape channel_view_shape;
extern const struct shape channel_created_shape;
extern const struct shape channels_shape;
extern const struct shape notifications_shape;

route_user handle_notifications, handle_channels, handle_channel_create;
route_user handle_channel_update, handle_channel_remove, handle_channel_test;

#endif
