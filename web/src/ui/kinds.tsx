/* Between pages that belong together. */
export interface Kind {
	href: string
	label: string
}
export const runKinds: Kind[] = [
	{ href: '#/backtests', label: 'Backtests' },
	{ href: '#/backtests/sweeps', label: 'Sweeps' },
	{ href: '#/backtests/walk-forward', label: 'Walk-forward tests' },
]

export const Kinds = ({ at, kinds = runKinds, label = 'Kinds of runs' }: { at: string; kinds?: Kind[]; label?: string }) => (
	<nav class="kinds" aria-label={label}>
		<ul>
			{kinds.map(({ href, label: name }) => <li key={href}><a href={href} aria-current={name === at ? 'page' : undefined}>{name}</a></li>)}
		</ul>
	</nav>
)
