-- With after_0017.sql: rows as they stood after migration 0018.
INSERT INTO quotes (symbol, source, price, at, received_at, fresh_until, day,
	previous, seq) VALUES ('BTC-USD', 'binance', 6500000000000,
		1795000080000, 1795000080050, 1795000140000, 1794960000000,
		6400000000000, 7);
INSERT INTO feeds (symbol, source, ok_at, error, error_at, failures) VALUES
	('BTC-USD', 'binance', 1795000080050, 'There was no answer in time.',
		1795000090000, 3);
