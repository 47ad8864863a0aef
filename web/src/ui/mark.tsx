/* The mark (a stepped gable with its gate, and a bar chart) and the icons. */
export const Mark = () => (
	<svg class="mark" viewBox="4 6 24 21" aria-hidden="true" focusable="false">
		<path d="M4 27V18h4.800v-6h4.800V6h4.800v6h4.800v6H28v9h-9v-5.500h-6V27z" fill="currentColor" />
	</svg>
)

const paths = {
	overview: 'M4 11l8-7 8 7M6 10v9h12v-9',
	strategies: 'M5 6h14M5 12h9M5 18h11M18 10v8m-2.500-2.500L18 18l2.500-2.500',
	backtests: 'M4 19V5M4 19h16M8 15l3-4 3 2 5-7',
	signals: 'M12 13v7M9 20h6M12 13a1.500 1.500 0 100-3 1.500 1.500 0 000 3zM8 15a5 5 0 010-7m8 0a5 5 0 010 7M5 18a9 9 0 010-13m14 0a9 9 0 010 13',
	trading: 'M4 8h13m-3-3l3 3-3 3M20 16H7m3-3l-3 3 3 3',
	settings: 'M4 8h10m4 0h2M4 16h2m4 0h10M16 6v4M8 14v4',
	admin: 'M12 3l7 3v5c0 4.500-3 8-7 10-4-2-7-5.500-7-10V6zM9 12l2.200 2.200L15.500 10',
	account: 'M12 12a4 4 0 100-8 4 4 0 000 8zM5 20c.8-3.500 3.500-5 7-5s6.200 1.500 7 5',
}
export type IconName = keyof typeof paths

export const Icon = ({ name }: { name: IconName }) => (
	<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
		<path d={paths[name]} fill="none" stroke="currentColor" stroke-width="1.700" stroke-linecap="round" stroke-linejoin="round" />
	</svg>
)
