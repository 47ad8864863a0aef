-- With after_0014.sql: rows as they stood after migration 0015.
INSERT INTO errands (user_id, id, kind, state, input, sealed, result, error,
	created_at, lease_owner, lease_until, ended_at) VALUES
	('01user0000000000000000a1', '01errand000000000000000001',
		'test_binance', 'done', NULL, NULL, '{"can_trade":true}', NULL,
		1795000000000, NULL, NULL, 1795000001000),
	('01user0000000000000000a1', '01errand000000000000000002',
		'test_telegram', 'running', '{"x":1}', x'0100', NULL, NULL,
		1795000000000, 'host/1/00', 1795000065000, NULL);
