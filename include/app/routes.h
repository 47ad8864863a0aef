/* The API: the one table of routes. */
#ifndef APP_ROUTES_H
#define APP_ROUTES_H

#include "route.h"

#define KONTOR_VERSION "0.1.0"

extern const struct route_table routes;

#endif
