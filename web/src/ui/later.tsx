/* A page that few people need: its script is fetched when it is shown. */
import type { FunctionComponent } from 'preact'
import { useLoad } from './load'
import { Ready } from './states'

export function Later({ part }: { part: () => Promise<FunctionComponent> }) {
	/* In an object: a signal would take a function for a value of its own. */
	const loaded = useLoad(async () => ({ Part: await part() }), [part])
	return <Ready of={loaded}>{({ Part }) => <Part />}</Ready>
}
