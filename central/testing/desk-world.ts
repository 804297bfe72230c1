/** The desk as its tests find it: shops acme and globex with an owner and a supporter each, Sam of the staff, and the pages over HTTP. */
import { Router } from 'express'
import { centralDb } from '../../shared/database/central-database.js'
import { createApp } from '../../shared/http/app.js'
import { hashPassword } from '../../shared/security/password.js'
import { useServer, type Browser } from '../../shared/testing/browser.js'
import { clock } from '../../shared/time/clock.js'
import { inTenantOf } from '../access/enter-tenant.js'
import { consoleApp, platformApp } from '../app.js'
import { ensureMember, joinTenant } from '../members/member.js'
import { addStaff } from '../staff/add-staff.js'
import { asStaff, useCentral, type CentralWorld } from './central-world.js'

/** Everybody's, in these tests. */
const password = 'a quiet harbour town'

export interface DeskWorld extends CentralWorld {
  /** A signed-in member of the shop in the reseller area. */
  member(slug: string, role?: 'owner' | 'support'): Promise<Browser>
  /** Sam, signed in at the console; the desk is at /tenants/<slug>. */
  staff(): Promise<Browser>
  browser(host: string): Browser
  inShop<T>(slug: string, work: () => Promise<T>): Promise<T>
  inAcme<T>(work: () => Promise<T>): Promise<T>
}

/** What a reader sees of a page: its words, one blank apart. */
export const words = (html: string): string => html.replace(/<[^>]+>/g, ' ').replace(/&#x27;|&#39;/g, "'").replace(/&nbsp;|\s+/g, ' ')

/** Value of a hidden field on the page. */
export const hidden = (body: string, name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1] ?? ''

/** The owner was made by opening the shop; the supporter is another person with the same password. */
async function letIn(tenantId: number, slug: string, hash: string): Promise<void> {
  await joinTenant(await ensureMember(`support@${slug}.test`, 'Support'), tenantId, 'support')
  await centralDb()('members').whereIn('email', [`owner@${slug}.test`, `support@${slug}.test`]).update({ password_hash: hash })
}

/** Mocha hooks for a describe. `at` is the day the shops open; `tenantApp` where a test also visits a shop (acme.test). */
export function useDesk({ tenantApp = Router(), at }: { tenantApp?: Router; at?: string } = {}): DeskWorld {
  const desk = useCentral() as DeskWorld
  const server = useServer(() => createApp({ tenantApp, consoleApp, platformApp }))
  const ids = new Map<string, number>()
  before(async function () {
    this.timeout(60_000)
    if (at) clock.set(at)
    const hash = await hashPassword(password)
    await asStaff(() => addStaff({ email: 'sam@ezscale.localhost', name: 'Sam', role: 'admin', password }))
    for (const slug of ['acme', 'globex']) {
      ids.set(slug, (await desk.open(slug)).id)
      await asStaff(() => letIn(ids.get(slug)!, slug, hash))
    }
  })
  desk.browser = (host) => server.browser(host)
  desk.inShop = (slug, work) => asStaff(() => inTenantOf(ids.get(slug)!, 'test', work))
  desk.inAcme = (work) => desk.inShop('acme', work)
  desk.member = async (slug, role = 'owner') => {
    const browser = server.browser('ezscale.localhost')
    await browser.fill('/reseller/sign-in', { email: `${role}@${slug}.test`, password })
    return browser
  }
  desk.staff = async () => {
    const browser = server.browser('admin.ezscale.localhost')
    await browser.fill('/sign-in', { email: 'sam@ezscale.localhost', password })
    return browser
  }
  return desk
}
