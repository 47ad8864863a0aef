/* Between the three kinds of runs. */
const kinds = [
	{ href: '#/backtests', label: 'Backtests' },
	{ href: '#/backtests/sweeps', label: 'Sweeps' },
	{ href: '#/backtests/walk-forward', label: 'Walk-forward tests' },
]

export const Kinds = ({ at }: { at: string }) => (
	<nav class="kinds" aria-label="Kinds of runs">
		<ul>
			{kinds.map(({ href, label }) => <li key={href}><a href={href} aria-current={label === at ? 'page' : undefined}>{label}</a></li>)}
		</ul>
	</nav>
)
