-- Market data, shared by all users. Prices and volumes are integers;
-- value = stored / 10^scale of the symbol.

CREATE TABLE symbols (
	symbol       TEXT NOT NULL PRIMARY KEY, -- "BTC-USD"
	source       TEXT NOT NULL,
	price_scale  INTEGER NOT NULL CHECK (price_scale BETWEEN 0 AND 8),
	volume_scale INTEGER NOT NULL CHECK (volume_scale BETWEEN 0 AND 8),
	-- JSON, kept by the import: [interval_ms, candles, first, last], ...
	series       TEXT NOT NULL DEFAULT '[]',
	created_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE candles (
	symbol      TEXT NOT NULL REFERENCES symbols (symbol),
	interval_ms INTEGER NOT NULL,
	time        INTEGER NOT NULL,           -- open of the candle
	open        INTEGER NOT NULL,
	high        INTEGER NOT NULL,
	low         INTEGER NOT NULL,
	close       INTEGER NOT NULL,
	volume      INTEGER NOT NULL,
	PRIMARY KEY (symbol, interval_ms, time)
) STRICT, WITHOUT ROWID;
