-- Bank accounts that users linked through Plaid. The access token of a link
-- is a sealed secret of its user, named bank:ID. Times are milliseconds UTC.

CREATE TABLE bank_links (
	user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	id          TEXT NOT NULL UNIQUE,
	item_id     TEXT NOT NULL,              -- Plaid's
	institution TEXT,                       -- as the user's client named it
	error       TEXT,                       -- Plaid's, of the last reading
	created_at  INTEGER NOT NULL,
	read_at     INTEGER,                    -- the accounts below
	PRIMARY KEY (user_id, id),
	UNIQUE (user_id, item_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE bank_accounts (
	user_id    TEXT NOT NULL,
	link_id    TEXT NOT NULL,
	account_id TEXT NOT NULL,               -- Plaid's
	name       TEXT NOT NULL,
	mask       TEXT,                        -- the number's last digits
	type       TEXT NOT NULL,
	subtype    TEXT,
	currency   TEXT,
	available  INTEGER,                     -- scaled by 1e-8, as the next
	current    INTEGER,
	PRIMARY KEY (user_id, link_id, account_id),
	FOREIGN KEY (user_id, link_id)
		REFERENCES bank_links (user_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Rows never change their owner.
CREATE TRIGGER bank_links_owner BEFORE UPDATE OF user_id ON bank_links
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
CREATE TRIGGER bank_accounts_owner BEFORE UPDATE OF user_id ON bank_accounts
WHEN new.user_id <> old.user_id
BEGIN
	SELECT raise(ABORT, 'a row never changes its owner');
END;
