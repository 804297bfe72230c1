/** Rows of signed-in browsers. They live in the database of the site: a tenant's own, or central. Times are real ones: sandbox clocks do not end sessions. */
import type { Knex } from 'knex'
import { centralDb } from '../database/central-database.js'
import { tenantDb } from '../database/tenant-database.js'
import { clock } from '../time/clock.js'
import type { Site } from './request.js'

export type SubjectKind = 'user' | 'staff' | 'member'
export interface Subject {
  readonly kind: SubjectKind
  readonly id: number
}
export interface SessionRow {
  /** SHA-256 of the token in the cookie. */
  id: string
  subject_kind: SubjectKind | null
  subject_id: number | null
  host: string
  data: unknown
  ip: string | null
  user_agent: string | null
  created_at: Date
  last_seen_at: Date
  expires_at: Date
}

const hour = 3_600_000
/** Longest life and longest pause, in milliseconds, by who it is. */
export const lives: Readonly<Record<SubjectKind | 'nobody', { absolute: number; idle: number }>> = {
  user: { absolute: 30 * 24 * hour, idle: 7 * 24 * hour },
  member: { absolute: 24 * hour, idle: 4 * hour },
  staff: { absolute: 12 * hour, idle: 2 * hour },
  nobody: { absolute: 24 * hour, idle: 24 * hour },
}

const table = (kind: Site['kind']): Knex.QueryBuilder<SessionRow> => (kind === 'tenant' ? tenantDb() : centralDb())('sessions')

function isOver(row: SessionRow, now: Date): boolean {
  return row.expires_at <= now || now.getTime() - row.last_seen_at.getTime() > lives[row.subject_kind ?? 'nobody'].idle
}

/** The living session of this id on this host. */
export async function findSession(site: Site, id: string): Promise<SessionRow | null> {
  const row = await table(site.kind).where({ id, host: site.host }).first() as SessionRow | undefined
  return row && !isOver(row, clock.real()) ? row : null
}

export async function insertSession(site: Site, row: Omit<SessionRow, 'data'> & { data: string }): Promise<void> {
  await table(site.kind).insert(row)
}

export async function updateSession(site: Site, id: string, patch: Partial<SessionRow>): Promise<void> {
  await table(site.kind).where({ id }).update(patch)
}

export async function deleteSession(site: Site, id: string): Promise<void> {
  await table(site.kind).where({ id }).delete()
}

/** Ends a subject's sessions on this site, all but `exceptId`. Returns how many. */
export async function revokeSessions(site: Site, subject: Subject, exceptId?: string | null): Promise<number> {
  const query = table(site.kind).where({ subject_kind: subject.kind, subject_id: subject.id })
  return Number(await (exceptId ? query.whereNot({ id: exceptId }) : query).delete())
}

/** Ends one session, found through its owner. False when it is not there. */
export async function revokeSession(site: Site, subject: Subject, id: string): Promise<boolean> {
  return Number(await table(site.kind).where({ id, subject_kind: subject.kind, subject_id: subject.id }).delete()) > 0
}

/** A subject's living sessions on this site, latest first. */
export async function sessionsOf(site: Site, subject: Subject): Promise<SessionRow[]> {
  const rows = await table(site.kind).where({ subject_kind: subject.kind, subject_id: subject.id }).orderBy('last_seen_at', 'desc') as SessionRow[]
  return rows.filter((row) => !isOver(row, clock.real()))
}

/** Removes what is over, in the current tenant (`tenant`) or in central; schedules call it. Returns how many. */
export async function sweepSessions(kind: Site['kind']): Promise<number> {
  return Number(await table(kind).where('expires_at', '<=', clock.real()).delete())
}
