/* Light, dark, or what the system says; set on the root element. */
import { computed, effect } from '@preact/signals'
import { preferences } from './session'

export const themes = ['system', 'light', 'dark'] as const

export const theme = computed(() => {
	const wanted = preferences.value?.theme
	return wanted === 'light' || wanted === 'dark' ? wanted : 'system'
})

effect(() => {
	if (theme.value === 'system') delete document.documentElement.dataset['theme']
	else document.documentElement.dataset['theme'] = theme.value
})

export const timeZone = computed(() => preferences.value?.timezone || 'UTC')
export const currency = computed(() => preferences.value?.currency || '')
