/** Lets a reseller's people into the reseller area, for one tenant of theirs: the one in the session, else the first. */
import type { Request, RequestHandler } from 'express'
import { originOf } from '../../shared/config.js'
import { centralDb } from '../../shared/database/central-database.js'
import { Refusal } from '../../shared/errors.js'
import { redirect } from '../../shared/http/page.js'
import { signedInAs } from '../../shared/http/session.js'
import { Member, type MemberRole } from './member.js'

export interface Membership {
  readonly member: Member
  readonly tenantId: number
  readonly role: MemberRole
  readonly shopName: string
  readonly shopHref: string
}
const memberships = new WeakMap<Request, Membership>()
interface ShopRow { id: number; name: string; status: string; domain: string | null }

async function shopsOf(member: Member): Promise<Array<ShopRow & { role: MemberRole }>> {
  const roles = await member.tenants()
  const rows = (await centralDb()('tenants as t').leftJoin('tenant_domains as d', (j) => void j.on('d.tenant_id', 't.id').andOnVal('d.type', 'primary'))
    .whereIn('t.id', [...roles.keys()]).whereNot('t.status', 'dropped').orderBy('t.name').select('t.id', 't.name', 't.status', 'd.domain')) as ShopRow[]
  return rows.map((row) => ({ ...row, role: roles.get(row.id)! }))
}

export const requireMember: RequestHandler = async (req, res, next) => {
  const id = signedInAs(req, 'member')
  const member = id === null ? undefined : await Member.query().findById(id)
  if (member?.status !== 'active') return redirect(req, res, `/reseller/sign-in?next=${encodeURIComponent(req.originalUrl)}`)
  const shops = await shopsOf(member)
  const shop = shops.find((s) => s.id === req.session.data['tenantId']) ?? shops[0]
  if (!shop) throw new Refusal('member.no-shop', 'Your account belongs to no shop any more. Ask the owner to invite you again.')
  const shopHref = shop.domain ? originOf(shop.domain) : ''
  memberships.set(req, { member, tenantId: shop.id, role: shop.role, shopName: shop.name, shopHref })
  Object.assign(res.locals, { user: { name: member.name, email: member.email }, shopName: shop.name, shopHref })
  res.set('Cache-Control', 'private, no-store')
  next()
}

export function membershipOf(req: Request): Membership {
  const membership = memberships.get(req)
  if (!membership) throw new Error('This route lies outside requireMember.')
  return membership
}
