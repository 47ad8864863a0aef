/*
 * Who keeps the answers of creating calls for the gate.
 * (Not once.h: api sees that name in include/http.)
 */
#ifndef API_ONCE_API_H
#define API_ONCE_API_H

#include "once.h"

extern const struct once_keeper once_keeper;

#endif
