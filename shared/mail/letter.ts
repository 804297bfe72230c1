/** Which letters exist. Every feature registers its own in mailer.ts; the preview page shows them all. */
import type { ComposeBrand } from './mail-brand.js'

export interface LetterKind {
  /** `invoice-issued`; unique in its scope. */
  readonly name: string
  /** One line, no markup. */
  readonly subject: string | ((data: Record<string, unknown>, brand: ComposeBrand) => string)
  /** Path under views: `tenant/mail/<name>` or `central/mail/<name>`. Its first folder says who sends the letter. */
  readonly view: string
  /** It carries a one-time link: its text is forgotten once it was sent, so that the outbox holds no keys. */
  readonly secret?: boolean
  /** Data of a made-up example for the preview. */
  readonly preview: () => Record<string, unknown>
}
export type LetterScope = 'tenant' | 'central'

const registry = new Map<string, LetterKind>()
export const scopeOf = (kind: LetterKind): LetterScope => (kind.view.startsWith('central/') ? 'central' : 'tenant')

export function registerLetter(kind: LetterKind): void {
  if (!/^(tenant|central)\/mail\/[a-z0-9-]+$/.test(kind.view)) throw new Error(`The view of the letter "${kind.name}" must be tenant/mail/… or central/mail/….`)
  const key = `${scopeOf(kind)}:${kind.name}`
  if (registry.has(key)) throw new Error(`Two letters are called "${key}".`)
  registry.set(key, kind)
}

export const allLetters = (): LetterKind[] => [...registry.values()].sort((a, b) => a.view.localeCompare(b.view))

/** Letters of an older release may wait in the outbox; those we no longer know are treated as secret. */
export const isSecret = (scope: LetterScope, name: string): boolean => registry.get(`${scope}:${name}`)?.secret ?? !registry.has(`${scope}:${name}`)

export function letterKind(scope: LetterScope, name: string): LetterKind {
  const kind = registry.get(`${scope}:${name}`)
  if (!kind) throw new Error(`No ${scope} letter is called "${name}": register it with registerLetter().`)
  return kind
}
