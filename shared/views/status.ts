/** The word, icon and tone of every state that a page shows. Colour never stands alone. */

export type Tone = 'good' | 'wait' | 'warn' | 'bad' | 'calm'
export interface StatusFacts { readonly word: string; readonly icon: string; readonly tone: Tone }

const words: Record<string, [tone: Tone, icon: string, word?: string]> = {
  active: ['good', 'circle-check'], running: ['good', 'player-play'], paid: ['good', 'circle-check'], succeeded: ['good', 'circle-check'],
  verified: ['good', 'rosette-discount-check'], done: ['good', 'circle-check'], delivered: ['good', 'mail-check'], sent: ['good', 'mail-check'], trial: ['good', 'hourglass', 'Trial'], trialing: ['good', 'hourglass', 'Trial'],
  pending: ['wait', 'clock'], waiting: ['wait', 'clock'], queued: ['wait', 'clock'], scheduled: ['wait', 'calendar-time'], provisioning: ['wait', 'loader-2', 'Setting up'],
  starting: ['wait', 'loader-2', 'Starting'], stopping: ['wait', 'loader-2', 'Stopping'], opening: ['wait', 'loader-2', 'Opening'], processing: ['wait', 'loader-2', 'Processing'],
  open: ['warn', 'file-invoice', 'Due'], overdue: ['bad', 'alert-triangle'], past_due: ['warn', 'alert-triangle', 'Past due'], requires_action: ['warn', 'shield-lock', 'Needs your bank'],
  unknown: ['warn', 'help-circle', 'Being checked'], suspended: ['warn', 'player-pause'], maintenance: ['warn', 'tool'], retrying: ['warn', 'refresh', 'Retrying'], parked: ['warn', 'player-pause', 'Parked'],
  failed: ['bad', 'alert-circle'], uncollectible: ['bad', 'ban', 'Uncollectible'], error: ['bad', 'alert-circle'], dead: ['bad', 'alert-circle', 'Given up'],
  stopped: ['calm', 'player-stop'], draft: ['calm', 'pencil'], void: ['calm', 'ban', 'Void'], canceled: ['calm', 'ban'], cancelled: ['calm', 'ban', 'Canceled'],
  terminated: ['calm', 'trash'], terminating: ['calm', 'loader-2', 'Ending'], dropped: ['calm', 'trash'], expired: ['calm', 'clock-off'], refunded: ['calm', 'receipt-refund'],
  unverified: ['warn', 'mail', 'Not verified'], closed: ['calm', 'lock'], inactive: ['calm', 'circle-off'], enabled: ['good', 'circle-check', 'On'], disabled: ['calm', 'circle-off', 'Off'],
  asked: ['wait', 'clock', 'To decide'], approved: ['good', 'circle-check'], declined: ['calm', 'ban'], ended: ['calm', 'clock-off'],
  restarting: ['wait', 'loader-2', 'Restarting'], pausing: ['wait', 'loader-2', 'Pausing'], paused: ['calm', 'player-pause', 'Paused'], archived: ['warn', 'archive', 'Removed, files kept'],
  destroyed: ['calm', 'trash', 'Ended'], skipped: ['calm', 'arrow-right'],
}

/** Facts of a state; a state we do not know reads as its own name, calmly. */
export function statusFacts(state: unknown): StatusFacts {
  const key = String(state ?? 'unknown')
  const [tone, icon, word] = words[key.replaceAll('-', '_')] ?? (['calm', 'circle-dot'] as const)
  const plain = key.replaceAll(/[_-]/g, ' ')
  return { tone, icon, word: word ?? plain.charAt(0).toUpperCase() + plain.slice(1) }
}
