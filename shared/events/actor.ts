/** Who acts: written on every event. Entered by the session middleware, the job worker and the webhook inbox. */
import { ambient, withAmbientActor } from '../tenancy/ambient.js'

export interface Actor {
  readonly kind: 'user' | 'staff' | 'member' | 'system' | 'webhook'
  /** Row of users, staff or members; null for the system and for webhooks. */
  readonly id: number | null
  readonly ip: string | null
}

const system: Actor = Object.freeze({ kind: 'system', id: null, ip: null })

/** Everything that `fn` records was done by `actor`. */
export async function withActor<T>(actor: { kind: Actor['kind']; id?: number | null; ip?: string | null }, fn: () => T | Promise<T>): Promise<T> {
  return withAmbientActor(Object.freeze({ kind: actor.kind, id: actor.id ?? null, ip: actor.ip ?? null }), async () => await fn())
}

/** The system, where nobody else is named. */
export const currentActor = (): Actor => ambient().actor ?? system
