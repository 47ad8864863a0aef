/*
 * Renewing the session, once for all tabs: whoever gets the lock asks the
 * server; whoever comes after it finds another cookie than the one its call
 * went out with, and simply repeats the call. Knows no browser and no server.
 */
export interface Surroundings {
	/* Runs the work while no other tab is in here. */
	lock: (work: () => Promise<boolean>) => Promise<boolean>
	/* The CSRF cookie as it stands; each renewal writes another one. */
	cookie: () => string
	/* Asks the server. False: the session has ended. */
	ask: () => Promise<boolean>
}

/* The result takes the cookie that the refused call went out with, and says
   whether the call may be repeated. */
export function renewal({ lock, cookie, ask }: Surroundings): (seen: string) => Promise<boolean> {
	let running: Promise<boolean> | null = null
	const renewed = (seen: string): boolean => cookie() !== '' && cookie() !== seen
	return (seen) => {
		if (!running && renewed(seen)) return Promise.resolve(true)
		running ??= lock(async () => renewed(seen) || (await ask())).finally(() => (running = null))
		return running
	}
}
