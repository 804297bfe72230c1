/** "When X, do Y": registered by tenant/reactions.ts and central/reactions.ts, one page each. */
import type { RecordedEvent } from './event.js'

/** Runs in the tenant (or central) where the event was recorded, as the system, outside any transaction, at least once: it must be safe to repeat. */
export type Reaction = (event: RecordedEvent) => Promise<void>

let registry = new Map<string, Map<string, Reaction>>()

/** `name` says what is done and is unique for the type: it stands in the log when it fails. */
export function on(type: string, name: string, reaction: Reaction): void {
  const ofType = registry.get(type) ?? new Map<string, Reaction>()
  if (ofType.has(name)) throw new Error(`"${type}" has two reactions called "${name}".`)
  registry.set(type, ofType.set(name, reaction))
}

export const reactionsTo = (type: string): ReadonlyMap<string, Reaction> => registry.get(type) ?? new Map<string, Reaction>()
export const typesWithReactions = (): string[] => [...registry.keys()]

/** Tests only: starts with no reactions; the answer puts back what was registered before. */
export function withoutReactions(): () => void {
  const before = registry
  registry = new Map()
  return () => { registry = before }
}
