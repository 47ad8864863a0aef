/* A table's heads as buttons that sort by their column. */
import type { Order } from '../lib/sort'

export interface SortColumn {
	key: string
	label: string
	num?: boolean
	/* in full, where the label is short for lack of room */
	spoken?: string
}

interface HeadProps {
	columns: SortColumn[]
	order: Order
	sort: (key: string) => void
}

const Label = ({ label, spoken }: SortColumn) =>
	spoken ? <><span class="unseen">{spoken}</span><span aria-hidden="true">{label}</span></> : <>{label}</>

export const SortHeads = ({ columns, order, sort }: HeadProps) => (
	<>
		{columns.map((column) => {
			const active = order.key === column.key
			return (
				<th key={column.key} scope="col" class={column.num ? 'num' : ''} aria-sort={active ? (order.down ? 'descending' : 'ascending') : undefined}>
					<button type="button" class="sort" onClick={() => sort(column.key)}>
						<Label {...column} />
						<span class="arrow" aria-hidden="true">{active ? (order.down ? '▼' : '▲') : ''}</span>
					</button>
				</th>
			)
		})}
	</>
)
