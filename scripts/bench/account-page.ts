/** The product's account overview over either kind of record: its template and layout, its look-ups (session, user, services, invoices, credit). */
import { Router, type RequestHandler } from 'express'
import { page } from '../../shared/http/page.js'
import { signedInAs } from '../../shared/http/session.js'
import { formatMoney } from '../../shared/views/format.js'
import type { BenchInvoice, BenchService, BenchUser, PageModels } from './page-models.js'

const sum = (amounts: readonly number[]): number => amounts.reduce((all, n) => all + n, 0)

async function overview({ service, invoice, credit }: PageModels, user: BenchUser): Promise<object> {
  const running = service.query().where({ user_id: user.id }).whereNot('status', 'terminated')
  const services = await running.orderBy('created_at', 'desc') as unknown as BenchService[]
  const invoices = await invoice.query().where({ user_id: user.id, status: 'open' }).orderBy('due_at').limit(50) as unknown as BenchInvoice[]
  const left = await credit.query().where({ user_id: user.id }).sum('amount_minor as minor').first() as unknown as { minor: string | null }
  const money = (minor: number): string => formatMoney(minor, user.currency, user.locale)
  return {
    name: user.name, step: null, more: 0,
    services: services.map((s) => ({ name: s.label, status: s.status, href: `/services/${s.id}`, since: s.createdAt })),
    owed: money(sum(invoices.map((i) => i.totalMinor))), openInvoices: invoices.length,
    credit: money(Number(left.minor ?? 0)), month: money(sum(services.map((s) => s.priceMinor))),
  }
}

/** `GET /account` for the signed-in customer, as tenant/customers/guard.ts and tenant/dashboard/routes.ts serve it. */
export function accountPage(models: PageModels): RequestHandler {
  const known = new WeakMap<object, BenchUser>()
  const routes = Router()
  routes.use(async (req, res, next) => {
    const user = await models.user.query().findById(signedInAs(req, 'user') ?? 0) as unknown as BenchUser | undefined
    if (user?.status === 'active') {
      known.set(req, user)
      Object.assign(res.locals, { user: { name: user.name, email: user.email, verified: true }, timeZone: user.timeZone, locale: user.locale })
    }
    next()
  })
  routes.get('/account', async (req, res) => {
    const user = known.get(req)
    if (!user) return void res.status(401).end()
    page(req, res, 'tenant/account/overview', await overview(models, user), { title: 'Your account', layout: 'tenant' })
  })
  return routes
}
