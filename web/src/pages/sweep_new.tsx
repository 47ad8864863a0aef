/* A new sweep. */
import { SearchNew, beginCommon, bodyCommon } from './search_form'
import type { Kind } from './search_form'

const sweep: Kind = {
	path: 'sweeps', title: 'New sweep', back: 'Sweeps', action: 'Run the sweep',
	begin: beginCommon, body: bodyCommon, own: () => null,
}

export const SweepNew = ({ query }: { query: URLSearchParams }) => <SearchNew kind={sweep} query={query} />
