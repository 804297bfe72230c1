/**
 * One tenant's desk: customers, invoices, plans and the rest, mounted twice. EZSCALE staff reach any tenant under `/tenants/:slug` of the console, a reseller's
 * members their own under `/reseller`. Which tenant, is decided here from the session or the address staff typed; never from a form.
 */
import type { Request, RequestHandler, Response } from 'express'
import { centralDb } from '../../shared/database/central-database.js'
import { NotFound, Refusal } from '../../shared/errors.js'
import { page, type PageOptions } from '../../shared/http/page.js'
import { inTenantOf } from '../access/enter-tenant.js'
import { membershipOf } from '../members/guard.js'
import type { MemberRole } from '../members/member.js'
import { tenantOf, tenantRows } from '../tenant-value.js'

export interface Desk {
  readonly tenantId: number
  /** Where this desk's addresses begin: `/reseller` or `/tenants/acme`. */
  readonly base: string
  readonly layout: 'reseller' | 'console'
  readonly role: MemberRole | 'staff'
  readonly shopName: string
  /** ISO 4217, IANA zone and BCP 47 tag of the shop. */
  readonly currency: string
  readonly timeZone: string
  readonly locale: string
}
const desks = new WeakMap<Request, Desk>()

async function open(req: Request, res: Response, where: { id: number } | { slug: string }, at: Pick<Desk, 'base' | 'layout' | 'role'>): Promise<void> {
  const row = await tenantRows(centralDb()).where('id' in where ? { 't.id': where.id } : { 't.slug': where.slug }).whereNot('t.status', 'dropped').first()
  if (!row?.database_name) throw new NotFound('reseller')
  const { id: tenantId, name: shopName, currency, timeZone, locale } = tenantOf(row)
  const desk = { ...at, tenantId, shopName, currency, timeZone, locale }
  desks.set(req, desk)
  Object.assign(res.locals, { base: desk.base, desk: { base: desk.base, shopName, staff: desk.role === 'staff' }, timeZone, locale })
}

/** For the reseller area, behind requireMember. */
export const memberDesk: RequestHandler = async (req, res, next) => {
  const { tenantId, role } = membershipOf(req)
  await open(req, res, { id: tenantId }, { base: '/reseller', layout: 'reseller', role })
  next()
}

/** For the console, behind requireStaff; mounted at `/tenants/:slug`. */
export const staffDesk: RequestHandler = async (req, res, next) => {
  const slug = String(req.params['slug'])
  await open(req, res, { slug }, { base: `/tenants/${slug}`, layout: 'console', role: 'staff' })
  next()
}

export function deskOf(req: Request): Desk {
  const desk = desks.get(req)
  if (!desk) throw new Error('This route lies outside a desk.')
  return desk
}

/** Runs the work inside the desk's tenant. `why` lands in the log: `void invoice`. */
export const atDesk = <T>(req: Request, why: string, work: () => Promise<T>): Promise<T> => inTenantOf(deskOf(req).tenantId, why, work)

/** A page of the desk; `base` (for links) is among its data. */
export function deskPage(req: Request, res: Response, view: string, data: object, options: PageOptions): void {
  page(req, res, `central/backoffice/${view}`, data, { layout: deskOf(req).layout, ...options, title: deskOf(req).role === 'staff' ? `${options.title} · ${deskOf(req).shopName}` : options.title })
}

/** Money, prices, taxes and accounts: staff, owners and managers. Support may look. Throws Refusal. */
export function mustManage(req: Request): void {
  if (deskOf(req).role === 'support') throw new Refusal('desk.role', 'Your role may look at this, but not change it. Ask the owner of the shop.')
}
