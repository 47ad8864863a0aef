/*
 * Heikin-Ashi candles as an indicator of four outputs, open high low close.
 * Not in the table: a definition says "candles": "heikin_ashi" or ha_close.
 */
#ifndef ENGINE_HEIKIN_ASHI_PRIVATE_H
#define ENGINE_HEIKIN_ASHI_PRIVATE_H

#include "indicator.h"

extern const struct indicator heikin_ashi;

#endif
