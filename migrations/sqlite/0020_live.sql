-- Orders that leave for an exchange: the outbox, what is known of a user's
-- keys, the exchange's rules, and fills and money as an exchange has them.
-- Times are milliseconds UTC, amounts integers at a scale of 8 digits.

-- One row an order at an exchange (place), and one more when it is to be
-- cancelled. The order's id is its name there too, so it is sent once at
-- most. held: the other one of its pair is not there yet; sending: written
-- before the request leaves, and whoever finds it so asks, and sends nothing;
-- resting: the exchange has it.
CREATE TABLE outbox (
	user_id     TEXT NOT NULL,
	order_id    TEXT NOT NULL,
	kind        TEXT NOT NULL CHECK (kind IN ('place', 'cancel')),
	state       TEXT NOT NULL CHECK (state IN ('held', 'queued', 'sending',
		'unknown', 'resting', 'done')),
	attempts    INTEGER NOT NULL DEFAULT 0,
	next_at     INTEGER NOT NULL,           -- not looked at before
	until_at    INTEGER NOT NULL,           -- not sent from then on
	sent_at     INTEGER,
	final_at    INTEGER,                    -- from then on, what the exchange
	                                        -- does not know did not arrive
	venue_order TEXT,                       -- its number there
	code        INTEGER,                    -- of the last answer, and its
	detail      TEXT,                       -- words
	updated_at  INTEGER NOT NULL,
	PRIMARY KEY (user_id, order_id, kind),
	FOREIGN KEY (user_id, order_id)
		REFERENCES orders (user_id, id) ON DELETE CASCADE,
	CHECK (state NOT IN ('sending', 'unknown') OR sent_at IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_due ON outbox (next_at) WHERE state <> 'done';

-- What an exchange said of the stored keys. secrets_at: which keys.
CREATE TABLE exchange_keys (
	user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	venue        TEXT NOT NULL CHECK (venue IN ('binance')),
	secrets_at   INTEGER NOT NULL,
	state        TEXT NOT NULL CHECK (state IN ('usable', 'refused')),
	reason       TEXT,                      -- a slug, and
	detail       TEXT,                      -- words for the user
	known        INTEGER NOT NULL CHECK (known IN (0, 1)),
	can_trade    INTEGER NOT NULL CHECK (can_trade IN (0, 1)),
	can_withdraw INTEGER NOT NULL CHECK (can_withdraw IN (0, 1)),
	bound        INTEGER NOT NULL CHECK (bound IN (0, 1)),
	checked_at   INTEGER NOT NULL,
	compared_at  INTEGER NOT NULL DEFAULT 0, -- balances with the book
	PRIMARY KEY (user_id, venue),
	CHECK ((state = 'refused') = (reason IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- What an exchange takes of a symbol, as it said last; the same for all users.
-- 0: no limit.
CREATE TABLE exchange_rules (
	venue        TEXT NOT NULL CHECK (venue IN ('binance')),
	symbol       TEXT NOT NULL,
	trading      INTEGER NOT NULL CHECK (trading IN (0, 1)),
	tick         INTEGER NOT NULL,          -- of prices
	price_min    INTEGER NOT NULL,
	price_max    INTEGER NOT NULL,
	step         INTEGER NOT NULL,          -- of quantities
	lot_min      INTEGER NOT NULL,
	lot_max      INTEGER NOT NULL,
	value_min    INTEGER NOT NULL,          -- of a limit order
	read_at      INTEGER NOT NULL,
	PRIMARY KEY (venue, symbol)
) STRICT, WITHOUT ROWID;

-- A fill of an exchange has its number there and no candle; what it cost
-- there may be another asset.
CREATE TABLE fills_anew (
	user_id      TEXT NOT NULL,
	id           TEXT NOT NULL UNIQUE,
	account      INTEGER NOT NULL,
	seq          INTEGER NOT NULL CHECK (seq > 0),
	order_id     TEXT NOT NULL,
	symbol       TEXT NOT NULL,
	side         TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
	quantity     INTEGER NOT NULL CHECK (quantity > 0),
	price        INTEGER NOT NULL CHECK (price > 0),
	value        INTEGER NOT NULL CHECK (value >= 0),
	fee          INTEGER NOT NULL,          -- money
	maker        INTEGER NOT NULL CHECK (maker IN (0, 1)),
	realised     INTEGER NOT NULL,          -- by what it closed, before fees
	candle_time  INTEGER,                   -- open of the candle it is from
	created_at   INTEGER NOT NULL,
	closes       INTEGER,                   -- the fill whose entry it leaves
	venue_trade  TEXT,                      -- the exchange's number of it
	fee_asset    TEXT,                      -- NULL: money
	fee_quantity INTEGER NOT NULL DEFAULT 0 CHECK (fee_quantity >= 0),
	                                        -- in that asset
	fee_kept     INTEGER NOT NULL DEFAULT 0
		CHECK (fee_kept BETWEEN 0 AND quantity),
	                                        -- of what was bought
	PRIMARY KEY (user_id, id),
	UNIQUE (user_id, account, seq),
	UNIQUE (user_id, order_id, candle_time), -- a candle fills an order once
	UNIQUE (user_id, order_id, venue_trade), -- and a trade once
	FOREIGN KEY (user_id, order_id)
		REFERENCES orders (user_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO fills_anew (user_id, id, account, seq, order_id, symbol, side,
	quantity, price, value, fee, maker, realised, candle_time, created_at,
	closes) SELECT user_id, id, account, seq, order_id, symbol, side, quantity, price,
	value, fee, maker, realised, candle_time, created_at, closes FROM fills;
DROP TABLE fills;
ALTER TABLE fills_anew RENAME TO fills;
CREATE INDEX fills_symbol ON fills (user_id, account, symbol, candle_time);
CREATE TRIGGER fills_kept_update BEFORE UPDATE ON fills
BEGIN
	SELECT raise(ABORT, 'a fill never changes, nor its owner');
END;
CREATE TRIGGER fills_kept_delete BEFORE DELETE ON fills
WHEN EXISTS (SELECT 1 FROM users WHERE id = old.user_id)
BEGIN
	SELECT raise(ABORT, 'a fill never changes, nor its owner');
END;

-- Money that came or went by no trade (adjust), with a reason.
CREATE TABLE cash_anew (
	user_id    TEXT NOT NULL,
	account    INTEGER NOT NULL,
	seq        INTEGER NOT NULL CHECK (seq > 0),
	kind       TEXT NOT NULL
		CHECK (kind IN ('start', 'trade', 'fee', 'adjust')),
	fill_id    TEXT,
	reason     TEXT,
	amount     INTEGER NOT NULL,
	balance    INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	PRIMARY KEY (user_id, account, seq),
	UNIQUE (user_id, fill_id, kind),
	FOREIGN KEY (user_id, account)
		REFERENCES trade_accounts (user_id, account) ON DELETE CASCADE,
	CHECK (kind <> 'start' OR fill_id IS NULL),
	CHECK (kind NOT IN ('trade', 'fee') OR fill_id IS NOT NULL),
	CHECK ((kind = 'adjust') = (reason IS NOT NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO cash_anew (user_id, account, seq, kind, fill_id, amount, balance,
	created_at) SELECT user_id, account, seq, kind, fill_id, amount, balance,
	created_at FROM cash_entries;
DROP TABLE cash_entries;
ALTER TABLE cash_anew RENAME TO cash_entries;
CREATE TRIGGER cash_entries_kept_update BEFORE UPDATE ON cash_entries
BEGIN
	SELECT raise(ABORT, 'a cash entry never changes, nor its owner');
END;
CREATE TRIGGER cash_entries_kept_delete BEFORE DELETE ON cash_entries
WHEN EXISTS (SELECT 1 FROM users WHERE id = old.user_id)
BEGIN
	SELECT raise(ABORT, 'a cash entry never changes, nor its owner');
END;
-- Each entry goes on from the one before: no balance out of thin air.
CREATE TRIGGER cash_entries_balance BEFORE INSERT ON cash_entries
WHEN new.balance <> new.amount + coalesce((SELECT balance FROM cash_entries
	WHERE user_id = new.user_id AND account = new.account
	AND seq = new.seq - 1), 0)
	OR (new.seq > 1) <> EXISTS (SELECT 1 FROM cash_entries
	WHERE user_id = new.user_id AND account = new.account
	AND seq = new.seq - 1)
BEGIN
	SELECT raise(ABORT, 'a cash entry does not follow the one before');
END;

-- An account at an exchange may be empty when it is first looked at.
ALTER TABLE trade_accounts ADD COLUMN begun_with INTEGER NOT NULL DEFAULT 0
	CHECK (begun_with >= 0);
UPDATE trade_accounts SET begun_with = start_balance;
ALTER TABLE trade_accounts DROP COLUMN start_balance;
ALTER TABLE trade_accounts RENAME COLUMN begun_with TO start_balance;

-- Rows never change their owner.
CREATE TRIGGER outbox_owner BEFORE UPDATE OF user_id ON outbox
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
CREATE TRIGGER exchange_keys_owner BEFORE UPDATE OF user_id ON exchange_keys
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
