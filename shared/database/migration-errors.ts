/** Reading what a database server, or the way to it, says. Imports nothing. */

/** Server error number, whatever the driver calls it; 0 for anything that is not the server's answer. */
export const errnoOf = (error: unknown): number => Number((error as { errno?: unknown } | null)?.errno ?? 0)

/** The server cannot be reached now, or refuses new work for now: trying later may help. */
export function isUnreachable(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: string }
  const lost = ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EHOSTUNREACH', 'PROTOCOL_CONNECTION_LOST', 'PROTOCOL_SEQUENCE_TIMEOUT']
  return lost.includes(code ?? '') || [1040, 1053, 1290, 1317, 1203, 1836].includes(errnoOf(error)) || /closed state/.test(String((error as Error)?.message))
}
