/* Words for channels, events and states of messages. */
import type { Channel } from './types'

export const kindLabels: Record<string, string> = { telegram: 'Telegram', email: 'E-mail', webhook: 'Webhook' }
export const eventLabels: Record<string, string> = {
	fill: 'Orders that fill', stop: 'Stops that are reached', denied: 'Orders that risk refuses', rejected: 'Orders that the venue refuses',
	run_failed: 'Strategies that fail', halted: 'Trading that is halted', summary: 'The day, once a day',
}
export const stateLabels: Record<string, string> = { queued: 'waits', sent: 'sent', failed: 'failed', summed: 'summed up in another' }

export const channelLabel = ({ kind, address }: Pick<Channel, 'kind' | 'address'>): string =>
	address ? `${kindLabels[kind] ?? kind} ${address.replace(/^https:\/\//, '')}` : kindLabels[kind] ?? kind
