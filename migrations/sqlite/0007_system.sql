-- System settings that an admin changed at run time. What the settings file
-- or the environment sets wins over them. A value stands here as it would be
-- written in the file. Times are milliseconds UTC.

CREATE TABLE system_settings (
	name       TEXT NOT NULL PRIMARY KEY,
	value      TEXT NOT NULL,
	updated_at INTEGER NOT NULL,
	updated_by TEXT NOT NULL                -- user id, who may be gone
) STRICT, WITHOUT ROWID;
