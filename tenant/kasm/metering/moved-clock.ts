/**
 * A sandbox's clock is moved ahead by hand: an hour that it leaps over is no hour in which nobody looked. So a sighting also vouches for what the clock was
 * moved by after it, and one step of a day costs what a day of minutes does. Everywhere else the offset is zero and nothing changes.
 */
import { clock } from '../../../shared/time/clock.js'

/** How far ahead the clock of the current tenant runs, in milliseconds. */
export const clockOffset = (): number => clock.ahead()

/** The last sighting, moved along with the clock since then. */
export const vouchedFrom = (lastSeenAt: Date, offsetThen: number): Date => new Date(lastSeenAt.getTime() + Math.max(0, clockOffset() - offsetThen))
