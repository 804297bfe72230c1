/**
 * How often somebody may try. Counted in the central table `rate_limits`, so all processes share the count; when central is away the
 * count goes on in memory (a fault must not open the door). Keys always hold the site, so no shop can lock another shop's customers out,
 * and only a hash of what is counted: no address of a person is stored.
 */
import type { Request, RequestHandler, Response } from 'express'
import { RateLimiterMemory, RateLimiterMySQL, RateLimiterRes } from 'rate-limiter-flexible'
import { config } from '../config.js'
import { centralDb } from '../database/central-database.js'
import { log } from '../log.js'
import { hashToken } from '../security/token.js'
import { asCentral } from '../tenancy/as-central.js'
import { HttpError } from './http-error.js'

export interface Rule {
  /** Attempts allowed in each window. */
  readonly points: number
  /** Length of the window. */
  readonly seconds: number
  /** Whom to count: an address, an account, both. Null: not counted here. */
  readonly by: (req: Request) => string | null
}

const limiters = new Map<string, RateLimiterMySQL>()
/** Rules whose stored count could not be used, warned about once. */
let warned = false

function limiterFor(name: string, { points, seconds }: Rule): RateLimiterMySQL {
  const key = `${config().CENTRAL_DATABASE}:${name}:${points}:${seconds}`
  const known = limiters.get(key)
  if (known) return known
  const limiter = new RateLimiterMySQL({
    storeClient: { get client() { return centralDb().client as unknown } }, storeType: 'knex', dbName: config().CENTRAL_DATABASE, tableName: 'rate_limits', tableCreated: true,
    clearExpiredByTimeout: false, keyPrefix: name, points, duration: seconds, inMemoryBlockOnConsumed: points + 1, inMemoryBlockDuration: Math.min(seconds, 60),
    insuranceLimiter: new RateLimiterMemory({ keyPrefix: name, points, duration: seconds }),
  })
  limiters.set(key, limiter)
  return limiter
}

const keyOf = (req: Request, who: string): string => `${req.site.scope}:${hashToken(who)}`

function refusal(left: RateLimiterRes): HttpError {
  const seconds = Math.max(1, Math.ceil(left.msBeforeNext / 1000))
  const wait = seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`
  return new HttpError(429, `That was too many attempts. Wait ${wait}, then try again.`, { 'Retry-After': String(seconds) })
}

/** Counts one attempt; throws HttpError 429 with Retry-After when there are none left. */
export async function spend(name: string, rule: Rule, req: Request): Promise<void> {
  const who = rule.by(req)
  if (who === null) return
  try {
    await asCentral(() => limiterFor(name, rule).consume(keyOf(req, who)))
  } catch (error) {
    if (error instanceof RateLimiterRes) throw refusal(error)
    if (!warned) log().error({ err: error }, 'The rate limiter counts nothing')
    warned = true
    throw error
  }
}

/** Forgets the count after a success. */
export async function forgive(name: string, rule: Rule, req: Request): Promise<void> {
  const who = rule.by(req)
  if (who !== null) await asCentral(() => limiterFor(name, rule).delete(keyOf(req, who)))
}

/** For the test kit: forgets who is blocked in this process, as the table may have been emptied. */
export const forgetBlocked = (): void => limiters.clear()

/** Middleware for a route: counts each request that reaches it. */
export function limit(name: string, rule: Rule): RequestHandler {
  return async (req: Request, _res: Response, next) => {
    await spend(name, rule, req)
    next()
  }
}

/** The caller's address; IPv6 callers are counted by their /64, of which one person has plenty. */
export function byAddress(req: Request): string {
  const ip = (req.ip ?? 'unknown').replace(/^::ffff:/, '')
  return ip.includes(':') ? ip.split(':').slice(0, 4).join(':') : ip
}

/** One text field of the form, lower case, together with the caller's address. */
export const byFieldAndAddress = (field: string) => (req: Request): string | null => {
  const value = (req.body as Record<string, unknown> | undefined)?.[field]
  return typeof value === 'string' ? `${value.trim().toLowerCase().slice(0, 254)}|${byAddress(req)}` : null
}
/** One text field of the form, from wherever: slows down many addresses against one account. */
export const byField = (field: string) => (req: Request): string | null => {
  const value = (req.body as Record<string, unknown> | undefined)?.[field]
  return typeof value === 'string' ? value.trim().toLowerCase().slice(0, 254) : null
}

/** Removes windows that ended; a central schedule calls it. */
export async function sweepRateLimits(now = Date.now()): Promise<number> {
  return Number(await asCentral(async () => centralDb()('rate_limits').where('expire', '<', now).delete()))
}
