/** The four expected kinds of "no". Everything else that is thrown is a bug: 500, logged once where handled. */

/** The rules say no. `code` is stable (`workspace.not-running`), `message` is a sentence fit to show. HTTP 409. */
export class Refusal extends Error {
  readonly status = 409
  constructor(readonly code: string, message: string) {
    super(message)
    this.name = 'Refusal'
  }
}

/** What a person typed needs correcting, by field name. The form is shown again with its input kept. HTTP 422. */
export class FormErrors extends Error {
  readonly status = 422
  constructor(readonly fields: Record<string, string>, readonly input: Record<string, unknown> = {}) {
    super(Object.values(fields)[0] ?? 'Please check the form')
    this.name = 'FormErrors'
  }
}

/** It does not exist, or it belongs to somebody else: both look the same from outside. HTTP 404. */
export class NotFound extends Error {
  readonly status = 404
  constructor(readonly what = 'page') {
    super(`This ${what} does not exist.`)
    this.name = 'NotFound'
  }
}

export interface OutsideFacts {
  /** Which door: `stripe`, `kasm`, `smtp`, `discord`. */
  door: string
  /** Trying again later may help. */
  retryable: boolean
  /** The answer was lost: the act may have happened. Look before you repeat it. */
  unknown?: boolean
  /** The outside's own error code, if it gave one. */
  code?: string
  cause?: unknown
}

/** A service outside answered with an error, or did not answer. HTTP 502. */
export class OutsideError extends Error {
  readonly status = 502
  readonly door: string
  readonly retryable: boolean
  readonly unknown: boolean
  readonly code: string | undefined
  constructor(message: string, facts: OutsideFacts) {
    super(message, { cause: facts.cause })
    this.name = 'OutsideError'
    this.door = facts.door
    this.retryable = facts.retryable
    this.unknown = facts.unknown ?? false
    this.code = facts.code
  }
}

/** Does it, and answers the rules' no if they said one: `if (await refusalIn(() => stopWorkspace(workspace))) left++`. Any other error is thrown on. */
export async function refusalIn(deed: () => Promise<unknown>): Promise<Refusal | null> {
  try {
    await deed()
    return null
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

/** Throws the refusal, if there is one: `refuse(workspace.refusalToStop(now))`. */
export function refuse(refusal: Refusal | null | undefined): void {
  if (refusal) throw refusal
}
