/* Counts as bars, inside a real table: the figure is always there as text. */
export interface BarRow {
	key: string
	label: string
	value: number
	tone: string
}

const WIDTH = 100

/* Attributes of the drawing, not styles: the content security policy allows no others. */
const OneBar = ({ share, tone }: { share: number; tone: string }) => (
	<svg class={`bar-svg ${tone}`} viewBox={`0 0 ${WIDTH} 10`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
		<rect x="0" y="1" height="8" width={share * WIDTH} fill="currentColor" />
	</svg>
)

export function Bars({ caption, head, rows }: { caption: string; head: string; rows: BarRow[] }) {
	const most = Math.max(1, ...rows.map((row) => row.value))
	return (
		<table class="ledger bars">
			<caption>{caption}</caption>
			<thead class="unseen"><tr><th scope="col">{head}</th><th scope="col">Trades</th></tr></thead>
			<tbody>
				{rows.map((row) => (
					<tr key={row.key}>
						<th scope="row">{row.label}</th>
						<td><div class="bar-cell"><OneBar share={row.value / most} tone={row.tone} /><span>{row.value.toLocaleString('en')}</span></div></td>
					</tr>
				))}
			</tbody>
		</table>
	)
}
