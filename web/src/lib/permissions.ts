/* What an API key may be allowed, in words. Which there are, the server says. */
const labels: Record<string, string> = {
	'account:read': 'Read the account',
	'account:write': 'Change the account',
	'settings:read': 'Read settings',
	'settings:write': 'Change settings',
	'strategies:read': 'Read strategies',
	'strategies:write': 'Write strategies',
	'backtests:read': 'Read backtests',
	'backtests:write': 'Run backtests',
	'signals:read': 'Read signals',
	'orders:read': 'Read orders and trades',
	'orders:write': 'Place, change and cancel orders',
	'portfolio:read': 'Read the portfolio',
	'portfolio:write': 'Reset the paper account',
	'risk:read': 'Read risk limits',
	'risk:write': 'Change risk limits, halt',
	'bank:read': 'Read linked bank accounts',
	'bank:write': 'Link and unlink banks',
	'market:read': 'Read market data',
	'admin:read': 'See what an administrator sees',
	'admin:write': 'Do what an administrator does',
}

export const permissionLabel = (scope: string): string => labels[scope] ?? scope
