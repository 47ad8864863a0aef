-- The last price of each symbol that is fetched, and how its fetching goes.
-- Shared by all users. Prices are integers at a scale of 8 digits, times
-- milliseconds UTC.

CREATE TABLE quotes (
	symbol      TEXT NOT NULL PRIMARY KEY,
	source      TEXT NOT NULL,
	price       INTEGER NOT NULL CHECK (price > 0),
	at          INTEGER NOT NULL,           -- of the price
	received_at INTEGER NOT NULL,
	fresh_until INTEGER NOT NULL,           -- behind it: stale
	day         INTEGER NOT NULL,           -- of `at`, its first ms
	previous    INTEGER CHECK (previous > 0), -- close of the day before
	-- Raised over all rows with each price that is another than before, so
	-- that who watches knows what is new to him.
	seq         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX quotes_seq ON quotes (seq);

-- A row a symbol of MARKET_SYMBOLS. error: NULL while it goes well.
CREATE TABLE feeds (
	symbol    TEXT NOT NULL PRIMARY KEY,
	source    TEXT NOT NULL,
	ok_at     INTEGER,                      -- last success, of any kind
	error     TEXT,
	error_at  INTEGER,                      -- when it began
	failures  INTEGER NOT NULL DEFAULT 0    -- in a row
) STRICT, WITHOUT ROWID;
