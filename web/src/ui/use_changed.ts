/* Acts when a value changes, not when it is first known (empty: not known). */
import { useEffect, useRef } from 'preact/hooks'

export function useChanged(value: string | number, act: () => void): void {
	const before = useRef(value)
	useEffect(() => {
		const known = before.current
		before.current = value
		if (known && value && known !== value) act()
	}, [value])
}
