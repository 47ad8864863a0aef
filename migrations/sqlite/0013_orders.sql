-- Orders, fills, cash and positions of paper accounts, and risk limits.
-- Prices, quantities and money are integers at a scale of 8 digits: value =
-- stored / 10^8, as in the engine's ledger. Times are milliseconds UTC.

-- One row an account that a user ever had; the newest is in force, a reset
-- opens the next. version: raised by every transaction that touches money,
-- first of all, so that two of one user's are one behind the other.
CREATE TABLE trade_accounts (
	user_id       TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	account       INTEGER NOT NULL CHECK (account > 0),
	venue         TEXT NOT NULL CHECK (venue IN ('paper')),
	start_balance INTEGER NOT NULL CHECK (start_balance > 0),
	opened_at     INTEGER NOT NULL,
	closed_at     INTEGER,
	peak_equity   INTEGER NOT NULL,
	version       INTEGER NOT NULL DEFAULT 1,
	PRIMARY KEY (user_id, account)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX trade_accounts_open
	ON trade_accounts (user_id, venue) WHERE closed_at IS NULL;

CREATE TABLE orders (
	user_id         TEXT NOT NULL,
	id              TEXT NOT NULL UNIQUE,
	account         INTEGER NOT NULL,
	client_order_id TEXT NOT NULL,
	venue           TEXT NOT NULL CHECK (venue IN ('paper')),
	source          TEXT NOT NULL
		CHECK (source IN ('manual', 'key', 'strategy', 'system')),
	run_id          TEXT,                   -- of the strategy that gave it
	symbol          TEXT NOT NULL,
	side            TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
	type            TEXT NOT NULL CHECK (type IN ('market', 'limit', 'stop',
		'stop_limit', 'take_profit', 'trailing_stop')),
	time_in_force   TEXT NOT NULL
		CHECK (time_in_force IN ('gtc', 'ioc', 'fok')),
	post_only       INTEGER NOT NULL CHECK (post_only IN (0, 1)),
	reduce_only     INTEGER NOT NULL CHECK (reduce_only IN (0, 1)),
	quantity        INTEGER NOT NULL CHECK (quantity > 0),
	price           INTEGER CHECK (price > 0),
	stop_price      INTEGER CHECK (stop_price > 0),
	trail           INTEGER CHECK (trail > 0),
	bound           INTEGER NOT NULL CHECK (bound >= 0),
	                                        -- price that risk reckons with
	oco             TEXT,                   -- one of a group fills, all end
	state           TEXT NOT NULL CHECK (state IN ('new', 'accepted',
		'partially_filled', 'filled', 'cancelled', 'rejected',
		'expired', 'denied', 'unknown')),
	reason          TEXT,                   -- why it ended as it did
	filled          INTEGER NOT NULL DEFAULT 0,
	filled_value    INTEGER NOT NULL DEFAULT 0,
	fees            INTEGER NOT NULL DEFAULT 0,
	triggered       INTEGER NOT NULL DEFAULT 0 CHECK (triggered IN (0, 1)),
	mark            INTEGER NOT NULL DEFAULT 0,
	seen_until      INTEGER NOT NULL,       -- candles that open later are new
	version         INTEGER NOT NULL DEFAULT 1,
	created_at      INTEGER NOT NULL,
	updated_at      INTEGER NOT NULL,
	PRIMARY KEY (user_id, id),
	UNIQUE (user_id, client_order_id),
	FOREIGN KEY (user_id, account)
		REFERENCES trade_accounts (user_id, account) ON DELETE CASCADE,
	CHECK (filled BETWEEN 0 AND quantity),
	CHECK ((state = 'filled') = (filled = quantity)),
	CHECK (state <> 'denied' OR reason IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX orders_open ON orders (symbol, seen_until)
	WHERE state IN ('new', 'accepted', 'partially_filled', 'unknown');
CREATE INDEX orders_mine_open ON orders (user_id, account, symbol)
	WHERE state IN ('new', 'accepted', 'partially_filled', 'unknown');
CREATE INDEX orders_age ON orders (user_id, created_at);
CREATE INDEX orders_oco ON orders (user_id, oco) WHERE oco IS NOT NULL;

-- Every transition, as it happened. Nothing here is changed or removed while
-- the account's owner exists.
CREATE TABLE order_log (
	user_id    TEXT NOT NULL,
	order_id   TEXT NOT NULL,
	version    INTEGER NOT NULL,            -- the order's behind it
	at         INTEGER NOT NULL,
	from_state TEXT,                        -- NULL: it began
	to_state   TEXT NOT NULL,
	cause      TEXT NOT NULL CHECK (cause IN ('submit', 'risk', 'venue',
		'fill', 'trigger', 'cancel', 'amend', 'expire', 'oco',
		'reset')),
	reason     TEXT,
	filled     INTEGER NOT NULL,            -- behind it, as the next two
	quantity   INTEGER NOT NULL,
	price      INTEGER,
	PRIMARY KEY (user_id, order_id, version),
	FOREIGN KEY (user_id, order_id)
		REFERENCES orders (user_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What was bought and sold, in the order in which it counts.
CREATE TABLE fills (
	user_id     TEXT NOT NULL,
	id          TEXT NOT NULL UNIQUE,
	account     INTEGER NOT NULL,
	seq         INTEGER NOT NULL CHECK (seq > 0),
	order_id    TEXT NOT NULL,
	symbol      TEXT NOT NULL,
	side        TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
	quantity    INTEGER NOT NULL CHECK (quantity > 0),
	price       INTEGER NOT NULL CHECK (price > 0),
	value       INTEGER NOT NULL CHECK (value >= 0),
	fee         INTEGER NOT NULL,
	maker       INTEGER NOT NULL CHECK (maker IN (0, 1)),
	realised    INTEGER NOT NULL,           -- by what it closed, before fees
	candle_time INTEGER NOT NULL,           -- open of the candle it is from
	created_at  INTEGER NOT NULL,
	PRIMARY KEY (user_id, id),
	UNIQUE (user_id, account, seq),
	UNIQUE (user_id, order_id, candle_time), -- a candle fills an order once
	FOREIGN KEY (user_id, order_id)
		REFERENCES orders (user_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX fills_symbol ON fills (user_id, account, symbol, candle_time);

-- The money: each change and what was there behind it.
CREATE TABLE cash_entries (
	user_id    TEXT NOT NULL,
	account    INTEGER NOT NULL,
	seq        INTEGER NOT NULL CHECK (seq > 0),
	kind       TEXT NOT NULL CHECK (kind IN ('start', 'trade', 'fee')),
	fill_id    TEXT,
	amount     INTEGER NOT NULL,
	balance    INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	PRIMARY KEY (user_id, account, seq),
	UNIQUE (user_id, fill_id, kind),
	FOREIGN KEY (user_id, account)
		REFERENCES trade_accounts (user_id, account) ON DELETE CASCADE,
	CHECK ((kind = 'start') = (fill_id IS NULL))
) STRICT, WITHOUT ROWID;

-- A cache of what the fills say: first in, first out. Amounts are signed,
-- negative: short. The check job makes them anew and compares.
CREATE TABLE position_lots (
	user_id   TEXT NOT NULL,
	account   INTEGER NOT NULL,
	symbol    TEXT NOT NULL,
	seq       INTEGER NOT NULL,             -- the fill that opened it
	quantity  INTEGER NOT NULL CHECK (quantity <> 0),
	cost      INTEGER NOT NULL,
	opened_at INTEGER NOT NULL,
	PRIMARY KEY (user_id, account, symbol, seq),
	FOREIGN KEY (user_id, account)
		REFERENCES trade_accounts (user_id, account) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE positions (
	user_id    TEXT NOT NULL,
	account    INTEGER NOT NULL,
	symbol     TEXT NOT NULL,
	quantity   INTEGER NOT NULL,
	cost       INTEGER NOT NULL,            -- of all lots
	realised   INTEGER NOT NULL,            -- so far, before fees
	fees       INTEGER NOT NULL,
	last_seq   INTEGER NOT NULL,            -- the newest fill in it
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (user_id, account, symbol),
	FOREIGN KEY (user_id, account)
		REFERENCES trade_accounts (user_id, account) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE equity_snapshots (
	user_id    TEXT NOT NULL,
	account    INTEGER NOT NULL,
	at         INTEGER NOT NULL,
	cash       INTEGER NOT NULL,
	equity     INTEGER NOT NULL,
	exposure   INTEGER NOT NULL,            -- sum of the positions' values
	PRIMARY KEY (user_id, account, at),
	FOREIGN KEY (user_id, account)
		REFERENCES trade_accounts (user_id, account) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Without a row: the defaults. NULL: no limit of one's own.
CREATE TABLE risk_settings (
	user_id           TEXT NOT NULL PRIMARY KEY
		REFERENCES users (id) ON DELETE CASCADE,
	max_order_value   INTEGER,
	max_symbol_value  INTEGER,
	max_account_value INTEGER,
	max_open_orders   INTEGER,
	max_positions     INTEGER,
	orders_per_minute INTEGER,
	max_daily_loss    INTEGER,
	max_drawdown_pct  INTEGER,
	price_collar_pct  INTEGER,
	symbols           TEXT,                 -- "A B", or NULL: all
	allow_short       INTEGER NOT NULL DEFAULT 0 CHECK (allow_short IN (0, 1)),
	state             TEXT NOT NULL DEFAULT 'active'
		CHECK (state IN ('active', 'reducing', 'halted')),
	updated_at        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Of each day (UTC) that saw an order or a mark.
CREATE TABLE risk_days (
	user_id      TEXT NOT NULL,
	account      INTEGER NOT NULL,
	day          INTEGER NOT NULL,          -- its first millisecond
	start_equity INTEGER NOT NULL,
	low_equity   INTEGER NOT NULL,
	last_equity  INTEGER NOT NULL,
	orders       INTEGER NOT NULL DEFAULT 0,
	denied       INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (user_id, account, day),
	FOREIGN KEY (user_id, account)
		REFERENCES trade_accounts (user_id, account) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What a creating call answered, under the key that its client gave it.
CREATE TABLE idempotency_keys (
	user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	key        TEXT NOT NULL,
	route      TEXT NOT NULL,
	body_hash  TEXT NOT NULL,               -- SHA-256 of what was asked
	result     TEXT NOT NULL,               -- the answer, JSON
	created_at INTEGER NOT NULL,
	PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- Append-only, as long as their owner is there.
CREATE TRIGGER order_log_kept_update BEFORE UPDATE ON order_log
BEGIN
	SELECT raise(ABORT, 'the order log never changes, nor its owner');
END;
CREATE TRIGGER order_log_kept_delete BEFORE DELETE ON order_log
WHEN EXISTS (SELECT 1 FROM users WHERE id = old.user_id)
BEGIN
	SELECT raise(ABORT, 'the order log never changes, nor its owner');
END;
CREATE TRIGGER fills_kept_update BEFORE UPDATE ON fills
BEGIN
	SELECT raise(ABORT, 'a fill never changes, nor its owner');
END;
CREATE TRIGGER fills_kept_delete BEFORE DELETE ON fills
WHEN EXISTS (SELECT 1 FROM users WHERE id = old.user_id)
BEGIN
	SELECT raise(ABORT, 'a fill never changes, nor its owner');
END;
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

-- What is over stays over.
CREATE TRIGGER orders_ended BEFORE UPDATE ON orders
WHEN new.user_id = old.user_id AND old.state IN ('filled', 'cancelled',
	'rejected', 'expired', 'denied')
BEGIN
	SELECT raise(ABORT, 'an order that ended is never changed');
END;

-- Rows never change their owner.
CREATE TRIGGER trade_accounts_owner BEFORE UPDATE OF user_id ON trade_accounts
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
CREATE TRIGGER orders_owner BEFORE UPDATE OF user_id ON orders
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
CREATE TRIGGER position_lots_owner BEFORE UPDATE OF user_id ON position_lots
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
CREATE TRIGGER positions_owner BEFORE UPDATE OF user_id ON positions
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
CREATE TRIGGER equity_snapshots_owner BEFORE UPDATE OF user_id ON equity_snapshots
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
CREATE TRIGGER risk_settings_owner BEFORE UPDATE OF user_id ON risk_settings
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
CREATE TRIGGER risk_days_owner BEFORE UPDATE OF user_id ON risk_days
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
CREATE TRIGGER idempotency_keys_owner BEFORE UPDATE OF user_id ON idempotency_keys
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
