/*
 * A page that few people need: its script is fetched when it is shown. Two of
 * them at one place need different keys: their properties are not alike.
 */
import type { FunctionComponent } from 'preact'
import { useLoad } from './load'
import { Ready } from './states'

type LaterProps<P> = { part: () => Promise<FunctionComponent<P>>; props: P }

export function Later<P extends object>({ part, props }: LaterProps<P>) {
	/* In an object: a signal would take a function for a value of its own. */
	const loaded = useLoad(async () => ({ Part: await part() }), [part])
	return <Ready of={loaded}>{({ Part }) => <Part {...props} />}</Ready>
}
