-- What users are told (channels, the queue of messages) and what may give
-- orders from outside (hooks). Times are milliseconds UTC.

-- Where a user wants to be told. Its secrets (a webhook's address and key)
-- stand in user_secrets as channel.ID.url and channel.ID.key.
CREATE TABLE channels (
	user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	id         TEXT NOT NULL UNIQUE,
	kind       TEXT NOT NULL CHECK (kind IN ('telegram', 'email', 'webhook')),
	address    TEXT,                        -- email: it, webhook: its host
	events     INTEGER NOT NULL CHECK (events >= 0), -- bits, by event_kinds
	enabled    INTEGER NOT NULL CHECK (enabled IN (0, 1)),
	failures   INTEGER NOT NULL DEFAULT 0,  -- in a row
	last_error TEXT,
	sent_at    INTEGER,                     -- the last that went well
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (user_id, id)
) STRICT, WITHOUT ROWID;

-- A message a channel. held: waits for its turn within the hour's limit.
CREATE TABLE notifications (
	user_id    TEXT NOT NULL,
	id         TEXT NOT NULL UNIQUE,
	channel_id TEXT NOT NULL,
	kind       TEXT NOT NULL,
	body       TEXT NOT NULL,
	state      TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'failed',
		'summed')),                     -- summed: part of a digest
	held       INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1)),
	attempts   INTEGER NOT NULL DEFAULT 0,
	next_at    INTEGER NOT NULL,
	error      TEXT,                        -- of the last attempt
	created_at INTEGER NOT NULL,
	ended_at   INTEGER,
	PRIMARY KEY (user_id, id),
	FOREIGN KEY (user_id, channel_id)
		REFERENCES channels (user_id, id) ON DELETE CASCADE,
	CHECK ((state = 'queued') = (ended_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX notifications_due ON notifications (user_id, next_at)
	WHERE state = 'queued';
CREATE INDEX notifications_sent ON notifications (user_id, ended_at)
	WHERE state = 'sent';
CREATE INDEX notifications_age ON notifications (created_at);

-- The day (of the user's time zone, since 1970) whose summary was written.
CREATE TABLE summaries (
	user_id    TEXT NOT NULL PRIMARY KEY
		REFERENCES users (id) ON DELETE CASCADE,
	day        INTEGER NOT NULL,
	updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A hook is a credential that can do one thing: ask for an order within these
-- bounds. Its key for signatures is derived from the nonce, and stored nowhere.
CREATE TABLE hooks (
	user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	id              TEXT NOT NULL UNIQUE,
	name            TEXT NOT NULL,
	secret_hash     BLOB NOT NULL,
	hint            TEXT NOT NULL,          -- its last four characters
	nonce           TEXT NOT NULL,
	signed          INTEGER NOT NULL CHECK (signed IN (0, 1)),
	addresses       TEXT,                   -- networks, NULL: from anywhere
	symbols         TEXT,                   -- "A B", NULL: all
	sides           TEXT NOT NULL CHECK (sides IN ('both', 'buy', 'sell')),
	max_value       INTEGER CHECK (max_value > 0), -- an order's, at 1e-8
	orders_per_hour INTEGER NOT NULL CHECK (orders_per_hour > 0),
	window_s        INTEGER NOT NULL CHECK (window_s > 0),
	venue           TEXT NOT NULL,
	enabled         INTEGER NOT NULL CHECK (enabled IN (0, 1)),
	created_at      INTEGER NOT NULL,
	updated_at      INTEGER NOT NULL,
	called_at       INTEGER,
	PRIMARY KEY (user_id, id)
) STRICT, WITHOUT ROWID;

-- Each call, before anything comes of it. Its order is the one whose
-- client_order_id is "hook." and the delivery's id.
CREATE TABLE hook_deliveries (
	user_id TEXT NOT NULL,
	id      TEXT NOT NULL UNIQUE,
	hook_id TEXT NOT NULL,
	at      INTEGER NOT NULL,
	address TEXT NOT NULL,
	once    TEXT NOT NULL,                  -- the same call again has the same
	action  TEXT,
	symbol  TEXT,
	state   TEXT NOT NULL CHECK (state IN ('received', 'placed', 'nothing',
		'refused')),
	reason  TEXT,
	PRIMARY KEY (user_id, id),
	FOREIGN KEY (user_id, hook_id)
		REFERENCES hooks (user_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX hook_deliveries_once
	ON hook_deliveries (user_id, hook_id, once) WHERE state <> 'refused';
CREATE INDEX hook_deliveries_recent ON hook_deliveries (user_id, hook_id, at);
CREATE INDEX hook_deliveries_age ON hook_deliveries (at);

-- An order may come from a hook. The CHECK of a column goes with it.
DROP TRIGGER orders_ended;
ALTER TABLE orders ADD COLUMN giver TEXT NOT NULL DEFAULT 'manual'
	CHECK (giver IN ('manual', 'key', 'strategy', 'system', 'hook'));
UPDATE orders SET giver = source;
ALTER TABLE orders DROP COLUMN source;
ALTER TABLE orders RENAME COLUMN giver TO source;
CREATE TRIGGER orders_ended BEFORE UPDATE ON orders
WHEN new.user_id = old.user_id AND old.state IN ('filled', 'cancelled',
	'rejected', 'expired', 'denied')
BEGIN
	SELECT raise(ABORT, 'an order that ended is never changed');
END;

-- Rows never change their owner.
CREATE TRIGGER channels_owner BEFORE UPDATE OF user_id ON channels
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
CREATE TRIGGER notifications_owner BEFORE UPDATE OF user_id ON notifications
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
CREATE TRIGGER summaries_owner BEFORE UPDATE OF user_id ON summaries
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
CREATE TRIGGER hooks_owner BEFORE UPDATE OF user_id ON hooks
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
CREATE TRIGGER hook_deliveries_owner BEFORE UPDATE OF user_id ON hook_deliveries
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
