/** What the server undid because somebody else was in the way, and which may therefore be done again. */
import { errnoOf } from './database-busy.js'

/** The server rolled the whole transaction back, for a statement of its own the whole statement: nothing of it remains. */
export const DEADLOCK = 1213
/** Somebody else held a row for too long. */
export const LOCK_WAIT_TIMEOUT = 1205
const MAX_REPEATS = 3

/** Does it again when it fails with one of these errors, three times at most, after short pauses of random length. */
export async function repeating<T>(errors: readonly number[], work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt >= MAX_REPEATS || !errors.includes(errnoOf(error) ?? 0)) throw error
      await new Promise((resolve) => setTimeout(resolve, 10 * 2 ** attempt * (0.5 + Math.random())))
    }
  }
}
