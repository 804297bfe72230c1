/**
 * Who is signed in, as one browser carries it.
 * - The cookie holds 256 random bits and our mark over (kind, site, host); a cookie of another host is not even looked up.
 * - The table holds the hash only. Signing in always makes a new id; the old row goes.
 * - A visitor without an account has a mark in the browser (it ties form tokens to it) but no row, unless something must be remembered.
 */
import type { Request, RequestHandler, Response } from 'express'
import { log } from '../log.js'
import { mac, macHolds } from '../security/mac.js'
import { hashToken, newToken } from '../security/token.js'
import { clock } from '../time/clock.js'
import { clearCookie, readCookie, setCookie } from './cookies.js'
import { deleteSession, findSession, insertSession, lives, updateSession, type Subject, type SubjectKind } from './session-store.js'

/** What the browser carries: `visit` proves one browser (no row), `session` has a row. */
export interface BrowserMark {
  readonly kind: 'visit' | 'session'
  readonly token: string
}
export interface Session {
  /** Hash of the token, the row's key; null while there is no row. */
  readonly id: string | null
  readonly subjectKind: SubjectKind | null
  readonly subjectId: number | null
  /** What `remember` stored for this browser. */
  readonly data: Readonly<Record<string, unknown>>
  readonly createdAt: Date | null
  readonly mark: BrowserMark | null
}

const cookie = 'ezs'
/** A visit is written down at most this often, in milliseconds. */
const touchEvery = 60_000
const none: Session = { id: null, subjectKind: null, subjectId: null, data: {}, createdAt: null, mark: null }
const parse = (json: unknown): Record<string, unknown> => (typeof json === 'string' ? JSON.parse(json) : json ?? {}) as Record<string, unknown>

function readMark(req: Request): BrowserMark | 'foreign' | null {
  const value = readCookie(req, cookie)
  if (!value) return null
  const [kind, token, proof] = value.split('.')
  const known = kind === 'visit' || kind === 'session'
  return known && token && proof && macHolds(proof, 'session-cookie', kind, req.site.scope, req.site.host, token) ? { kind, token } : 'foreign'
}

function giveMark(req: Request, res: Response, mark: BrowserMark, seconds?: number): void {
  setCookie(res, cookie, `${mark.kind}.${mark.token}.${mac('session-cookie', mark.kind, req.site.scope, req.site.host, mark.token)}`, seconds)
}

async function load(req: Request, mark: BrowserMark): Promise<Session | null> {
  const row = await findSession(req.site, hashToken(mark.token))
  if (!row) return null
  const now = clock.real()
  if (now.getTime() - row.last_seen_at.getTime() > touchEvery) await updateSession(req.site, row.id, { last_seen_at: now, ip: req.ip ?? null })
  const subjectId = row.subject_id === null ? null : Number(row.subject_id)
  return { id: row.id, subjectKind: row.subject_kind, subjectId, data: parse(row.data), createdAt: row.created_at, mark }
}

/** Reads the cookie and, when it names a session, its row. A cookie that is not ours for this host is dropped and logged. */
export const session: RequestHandler = async (req, res, next) => {
  const mark = readMark(req)
  req.session = none
  if (mark === 'foreign') {
    log().warn({ request: req.id, host: req.site.host, ip: req.ip }, 'session.foreign-cookie')
    clearCookie(res, cookie)
  } else if (mark?.kind === 'visit') req.session = { ...none, mark }
  else if (mark) {
    req.session = (await load(req, mark)) ?? none
    if (!req.session.id) clearCookie(res, cookie)
  }
  next()
}

/** For callers that are no browsers: whatever cookie they bring counts for nothing. */
export const noSession: RequestHandler = (req, _res, next) => {
  req.session = none
  next()
}

/** A mark for this browser, made on first need. */
export function browserMark(req: Request, res: Response): BrowserMark {
  if (req.session.mark) return req.session.mark
  const mark: BrowserMark = { kind: 'visit', token: newToken() }
  req.session = { ...req.session, mark }
  giveMark(req, res, mark)
  return mark
}

async function open(req: Request, res: Response, subject: Subject | null, data: Record<string, unknown>): Promise<void> {
  const token = newToken()
  const now = clock.real()
  const { absolute } = lives[subject?.kind ?? 'nobody']
  const row = {
    id: hashToken(token), subject_kind: subject?.kind ?? null, subject_id: subject?.id ?? null, host: req.site.host, data: JSON.stringify(data), ip: req.ip ?? null,
    user_agent: req.get('user-agent')?.slice(0, 255) ?? null, created_at: now, last_seen_at: now, expires_at: new Date(now.getTime() + absolute),
  }
  await insertSession(req.site, row)
  const mark: BrowserMark = { kind: 'session', token }
  giveMark(req, res, mark, subject ? absolute / 1000 : undefined)
  req.session = { id: row.id, subjectKind: row.subject_kind, subjectId: row.subject_id, data, createdAt: now, mark }
}

/** Signs in under a new session id; whatever the browser carried before is worthless afterwards. `keep`: names of data to carry over. */
export async function signIn(req: Request, res: Response, subject: Subject, keep: readonly string[] = []): Promise<void> {
  const before = req.session
  if (before.id) await deleteSession(req.site, before.id)
  await open(req, res, subject, Object.fromEntries(Object.entries(before.data).filter(([name]) => keep.includes(name))))
}

export async function signOut(req: Request, res: Response): Promise<void> {
  if (req.session.id) await deleteSession(req.site, req.session.id)
  req.session = none
  clearCookie(res, cookie)
}

/** Remembers something for this browser; makes a row when there is none. `undefined` forgets a name. */
export async function remember(req: Request, res: Response, patch: Readonly<Record<string, unknown>>): Promise<void> {
  const data = JSON.parse(JSON.stringify({ ...req.session.data, ...patch })) as Record<string, unknown>
  if (!req.session.id) return open(req, res, null, data)
  await updateSession(req.site, req.session.id, { data: JSON.stringify(data) })
  req.session = { ...req.session, data }
}

/** The subject signed in with this kind, or null. Whether they may still act is for the caller to look up. */
export function signedInAs(req: Request, kind: SubjectKind): number | null {
  return req.session.subjectKind === kind ? req.session.subjectId : null
}
