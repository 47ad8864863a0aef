-- step: candles
-- Candles by blocks of up to 8192 instead of a row each: see
-- include/domain/block.h for the bytes. The program's step moves the rows of
-- candles into candle_blocks and drops the old table, in this transaction.

CREATE TABLE candle_blocks (
	symbol      TEXT NOT NULL REFERENCES symbols (symbol),
	interval_ms INTEGER NOT NULL,
	first       INTEGER NOT NULL,           -- open of the first candle
	last        INTEGER NOT NULL,           -- open of the last one
	candles     INTEGER NOT NULL CHECK (candles BETWEEN 1 AND 8192),
	data        BLOB NOT NULL,
	UNIQUE (symbol, interval_ms, first),
	CHECK (first <= last)
) STRICT;
