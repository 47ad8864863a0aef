-- What happened: rows are added at the end and never touched again. Each
-- carries a keyed hash of itself and of the row before (include/audit).
-- Not bound to users: a record outlives the account it speaks of.

CREATE TABLE audit_log (
	seq        INTEGER PRIMARY KEY CHECK (seq > 0), -- 1, 2, 3: no gaps
	at         INTEGER NOT NULL,
	event      TEXT NOT NULL CHECK (length(event) BETWEEN 1 AND 64),
	result     TEXT NOT NULL CHECK (result IN ('ok', 'denied', 'failed')),
	actor      TEXT,                    -- user id, "operator", or nobody
	object     TEXT,                    -- id of what it was done to
	address    TEXT,                    -- of the client
	request_id TEXT,
	detail     TEXT,                    -- a few words, never a secret
	key_id     TEXT NOT NULL,           -- of keys/audit.keys
	mac        BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;
-- For the filters of GET /admin/audit; each ends in seq by itself.
CREATE INDEX audit_log_event ON audit_log (event);
CREATE INDEX audit_log_actor ON audit_log (actor) WHERE actor IS NOT NULL;
CREATE INDEX audit_log_object ON audit_log (object) WHERE object IS NOT NULL;

CREATE TRIGGER audit_log_keeps BEFORE UPDATE ON audit_log
BEGIN
	SELECT raise(ABORT, 'the audit log is never changed');
END;
CREATE TRIGGER audit_log_stays BEFORE DELETE ON audit_log
BEGIN
	SELECT raise(ABORT, 'the audit log is never cut');
END;
-- Also what INSERT OR REPLACE would do to an old row.
CREATE TRIGGER audit_log_grows BEFORE INSERT ON audit_log
WHEN new.seq <> coalesce((SELECT max(seq) FROM audit_log), 0) + 1
BEGIN
	SELECT raise(ABORT, 'the audit log grows at its end');
END;
