/** What happened, to what, by whom: audit trail and outbox in one table. Written with the change it tells of, never changed afterwards but for its delivery. */

export interface RecordedEvent {
  readonly id: number
  /** Past tense: `workspace.stopped`. */
  readonly type: string
  /** Table of what it happened to, e.g. `invoices`; empty when there is nothing. */
  readonly subjectType: string
  readonly subjectId: number | null
  /** The customer concerned, in a tenant's events. */
  readonly userId: number | null
  /** The reseller concerned, in central's events. */
  readonly tenantId: number | null
  readonly actorKind: string
  readonly actorId: number | null
  readonly data: Readonly<Record<string, unknown>>
  readonly occurredAt: Date
  /** Failed deliveries so far. */
  readonly attempts: number
}

/** A table with an id, or a model. */
export type Subject = { readonly type: string; readonly id: number | null } | { readonly id: number; readonly constructor: unknown }

export function subjectOf(subject: Subject | null): { type: string; id: number | null } {
  if (!subject) return { type: '', id: null }
  if ('type' in subject && typeof subject.type === 'string' && !(subject.constructor as { tableName?: string }).tableName) return { type: subject.type, id: subject.id }
  return { type: (subject.constructor as { tableName?: string }).tableName ?? 'unknown', id: subject.id }
}

type EventRow = Record<string, unknown> & { id: number }
const parsed = (value: unknown): Record<string, unknown> => (typeof value === 'string' ? JSON.parse(value) : value ?? {}) as Record<string, unknown>
const numberOrNull = (value: unknown): number | null => (value === null || value === undefined ? null : Number(value))

export const eventFromRow = (row: EventRow): RecordedEvent => ({
  id: Number(row.id), type: String(row['type']), subjectType: String(row['subject_type']), subjectId: numberOrNull(row['subject_id']), userId: numberOrNull(row['user_id']),
  tenantId: numberOrNull(row['tenant_id']), actorKind: String(row['actor_kind']), actorId: numberOrNull(row['actor_id']), data: parsed(row['data']),
  occurredAt: row['occurred_at'] as Date, attempts: Number(row['attempts']),
})
