-- With after_0020.sql: rows as they stood after migration 0021.
INSERT INTO bank_links (user_id, id, item_id, institution, error, created_at,
	read_at) VALUES
	('01user0000000000000000a1', '01bank00000000000000000001', 'item1',
		'First Platypus', 'ITEM_LOGIN_REQUIRED', 1795000000000,
		1795000001000);
INSERT INTO bank_accounts (user_id, link_id, account_id, name, mask, type,
	subtype, currency, available, current) VALUES
	('01user0000000000000000a1', '01bank00000000000000000001', 'acc1',
		'Checking', '0000', 'depository', 'checking', 'USD',
		10000000000, -50000000);
