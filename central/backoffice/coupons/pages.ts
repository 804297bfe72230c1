/** What the desk shows of coupons. Everything runs inside the tenant. */
import type { Request, Response } from 'express'
import { DateTime } from 'luxon'
import { applyPaging, parsePaging } from '../../../shared/database/paging.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { Money } from '../../../shared/money/money.js'
import { clock } from '../../../shared/time/clock.js'
import { formatMoney } from '../../../shared/views/format.js'
import { Coupon } from '../../../tenant/billing/coupons/coupon.js'
import { couponUsage, newestUses } from '../../../tenant/billing/coupons/coupon-usage.js'
import { Plan } from '../../../tenant/catalog/plan.js'
import { cycleNames } from '../../../tenant/catalog/cycle.js'
import { Product } from '../../../tenant/catalog/product.js'
import { atDesk, deskOf, deskPage } from '../desk.js'
import type { Offered } from './forms.js'

const percentOf = (ppm: number): string => String(ppm / 10_000)
const dayOf = (instant: Date | null, timeZone: string): string => (instant ? DateTime.fromJSDate(instant, { zone: timeZone }).toISODate() ?? '' : '')
const mayManage = (req: Request): boolean => deskOf(req).role !== 'support'

/** `25 % off for 3 periods`. */
export function offerOf(coupon: Coupon, locale: string): string {
  const what = coupon.kind === 'percent' ? `${percentOf(coupon.percentPpm ?? 0)} %` : Object.entries(coupon.amounts)
    .map(([currency, minor]) => formatMoney(minor, currency, locale)).join(' or ')
  const long = coupon.duration === 'once' ? 'once' : coupon.duration === 'forever' ? 'on every invoice' : `for ${coupon.periods ?? 1} periods`
  return `${what} off, ${long}`
}

/** The state in one word, as customers meet it today. */
export function stateOf(coupon: Coupon, now: Date): string {
  if (coupon.status === 'stopped') return 'stopped'
  if (coupon.endsAt && now >= coupon.endsAt) return 'expired'
  if (coupon.startsAt && now < coupon.startsAt) return 'scheduled'
  return coupon.usesLeft === 0 ? 'done' : 'active'
}

interface Filter { readonly state: string; readonly q: string; readonly batch: string }
export function filterOf(req: Request): Filter {
  const one = (name: string): string => (typeof req.query[name] === 'string' ? req.query[name].trim().slice(0, 60) : '')
  return { state: ['active', 'stopped'].find((s) => s === one('state')) ?? '', q: one('q'), batch: one('batch') }
}
export function couponsLike({ state, q, batch }: Filter) {
  const query = Coupon.query()
  if (state) void query.where({ status: state })
  if (batch) void query.where({ batch })
  const like = `%${q.replace(/[\\%_]/g, '\\$&')}%`
  if (q) void query.where((either) => either.where('code', 'like', like.toUpperCase()).orWhere('name', 'like', like))
  return query
}

const addressOf = (path: string, query: Record<string, string | number>): string =>
  `${path}?${new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '').map(([name, value]): [string, string] => [name, String(value)])).toString()}`

export async function listPage(req: Request, res: Response, { errors, status = 200 }: { errors?: object; status?: number } = {}): Promise<void> {
  const { base, locale } = deskOf(req)
  const filter = filterOf(req)
  const now = clock.now()
  const { list, batches } = await atDesk(req, 'look at coupons', async () => ({
    list: await applyPaging(couponsLike(filter), parsePaging(req.query, { sortable: { code: 'code', new: 'created_at', used: 'redeemed_count' }, default: '-new', size: 50 })),
    batches: (await tenantDb()('coupons').whereNotNull('batch').groupBy('batch').orderBy('batch').limit(200).pluck('batch')) as string[],
  }))
  const link = (more: Record<string, string | number>): string => addressOf(`${base}/coupons`, { ...filter, sort: list.descending ? `-${list.sort}` : list.sort, ...more })
  deskPage(req, res, 'coupons/list', {
    errors, manage: mayManage(req), filter, filtered: Boolean(filter.q || filter.state || filter.batch),
    batches: batches.map((value) => ({ value, label: value })), csvHref: link({}).replace('/coupons?', '/coupons.csv?'),
    chips: [['', 'All'], ['active', 'On'], ['stopped', 'Stopped']]
      .map(([state, label]) => ({ href: link({ state: state!, page: '' }), label, current: state === filter.state })),
    heads: [['code', 'Code'], ['used', 'Used'], ['new', 'Made']]
      .map(([sort, label]) => ({ label, href: link({ sort: list.sort === sort && !list.descending ? `-${sort}` : sort!, page: '' }) })),
    rows: list.rows.map((coupon) => ({
      publicId: coupon.publicId, code: coupon.code, name: coupon.name, offer: offerOf(coupon, locale),
      used: coupon.limitTotal === null ? String(coupon.redeemedCount) : `${coupon.redeemedCount} of ${coupon.limitTotal}`,
      endsAt: coupon.endsAt, createdAt: coupon.createdAt, status: stateOf(coupon, now), batch: coupon.batch,
    })),
    summary: list.total > list.rows.length ? `${list.from}–${list.to} of ${list.total}` : '',
    previousHref: list.page > 1 ? link({ page: list.page - 1 }) : null, nextHref: list.page < list.pages ? link({ page: list.page + 1 }) : null,
  }, { title: 'Coupons', status })
}

/** Products and plans that a coupon may be for, and the currencies that amounts are asked in. Runs inside the tenant. */
export async function offeredHere(req: Request): Promise<Offered & { products: Product[]; plans: Plan[] }> {
  const { currency, timeZone } = deskOf(req)
  const products = await Product.query().whereNot({ status: 'retired' }).whereNot({ serviceType: 'kasm_workspace' }).orderBy('sortOrder')
    .orderBy('id').limit(60)
  const plans = await Plan.query().whereIn('productId', products.map((product) => product.id)).whereNot({ status: 'retired' }).orderBy('id')
    .limit(100)
  return { products, plans, currencies: [...new Set([currency, ...plans.map((plan) => plan.currency)])], productIds: products.map((product) => product.id), planIds: plans.map((plan) => plan.id), timeZone }
}

export async function editor(req: Request, res: Response, coupon: Coupon | null, mode: 'one' | 'batch', { errors = {}, input, status = 200 }: { errors?: Record<string, string>; input?: Record<string, unknown>; status?: number }): Promise<void> {
  const { base } = deskOf(req)
  const offered = await atDesk(req, 'look at what a coupon may be for', () => offeredHere(req))
  const shown = input ?? (coupon ? inputOf(coupon, offered) : { kind: 'percent', duration: 'once', limitPerCustomer: '1', ...(mode === 'batch' ? { limitTotal: '1' } : {}) })
  deskPage(req, res, 'coupons/editor', {
    errors, input: shown, isBatch: mode === 'batch', publicId: coupon?.publicId ?? null, redeemed: coupon?.redeemedCount ?? 0,
    action: mode === 'batch' ? `${base}/coupons/batches` : coupon ? `${base}/coupons/${coupon.publicId}` : `${base}/coupons`,
    verb: coupon ? 'put' : 'post',
    amounts: offered.currencies.map((currency) => ({ currency, amount: shown[`amount_${currency}`], minimum: shown[`minimum_${currency}`], amountError: errors[`amount_${currency}`], minimumError: errors[`minimum_${currency}`] })),
    products: offered.products.map((product) => ({
      name: `product_${product.id}`, label: product.name, checked: Boolean(shown[`product_${product.id}`]),
      plans: offered.plans.filter((plan) => plan.productId === product.id).map((plan) => ({ name: `plan_${plan.id}`, label: `${product.name}: ${cycleNames[plan.billingCycle]}, ${plan.currency}`, checked: Boolean(shown[`plan_${plan.id}`]) })),
    })),
    kinds: [{ value: 'percent', label: 'A percentage' }, { value: 'fixed', label: 'An amount', text: 'Once a period for everything that was ordered together.' }],
    durations: [{ value: 'once', label: 'The first invoice' }, { value: 'periods', label: 'Several periods' }, { value: 'forever', label: 'Every invoice' }],
    crumbs: [{ href: `${base}/coupons`, label: 'Coupons' }, { label: coupon?.code ?? (mode === 'batch' ? 'Many codes' : 'New coupon') }],
  }, { title: coupon?.code ?? (mode === 'batch' ? 'Many codes' : 'New coupon'), status })
}

function inputOf(coupon: Coupon, { timeZone }: Offered): Record<string, unknown> {
  const money = (prefix: string, amounts: Record<string, number>) => Object.entries(amounts)
    .map(([currency, minor]) => [`${prefix}_${currency}`, Money.of(minor, currency).toString()])
  return {
    ...coupon, percent: coupon.percentPpm === null ? '' : percentOf(coupon.percentPpm), startsAt: dayOf(coupon.startsAt, timeZone),
    endsAt: dayOf(coupon.endsAt, timeZone),
    ...Object.fromEntries([...money('amount', coupon.amounts), ...money('minimum', coupon.minimums)]),
    ...Object.fromEntries([...coupon.productIds.map((id) => [`product_${id}`, true]), ...coupon.planIds.map((id) => [`plan_${id}`, true])]),
  }
}

export async function showPage(req: Request, res: Response, coupon: Coupon): Promise<void> {
  const { base, locale } = deskOf(req)
  const { usage, uses, products, plans } = await atDesk(req, 'look at a coupon', async () => ({
    usage: await couponUsage(coupon.id), uses: await newestUses(coupon.id), products: await Product.query().findByIds(coupon.productIds),
    plans: await Plan.query().findByIds(coupon.planIds),
  }))
  const only = [...products.map((product) => product.name), ...plans.map((plan) => `${plan.name} (${cycleNames[plan.billingCycle]}, ${plan.currency})`)]
  deskPage(req, res, 'coupons/show', {
    manage: mayManage(req), publicId: coupon.publicId, code: coupon.code, name: coupon.name, status: stateOf(coupon, clock.now()),
    isStopped: coupon.status === 'stopped', crumbs: [{ href: `${base}/coupons`, label: 'Coupons' }, { label: coupon.code }],
    usage: { ...usage, left: coupon.usesLeft === null ? 'no limit' : String(coupon.usesLeft) },
    uses: uses.map((use) => ({ ...use, href: `${base}/customers/${use.userPublicId}` })),
    facts: [
      { label: 'Gives', value: offerOf(coupon, locale) }, { label: 'For', value: only.length ? only.join(', ') : 'everything' },
      { label: 'Set-up fees', value: coupon.includesSetup ? 'reduced too' : 'not reduced' }, { label: 'From', at: coupon.startsAt, value: 'always' },
      { label: 'Until', at: coupon.endsAt, value: 'no end' },
      { label: 'Each customer', value: coupon.limitPerCustomer === null ? 'no limit' : coupon.limitPerCustomer === 1 ? 'once' : `${coupon.limitPerCustomer} times` },
      { label: 'First order only', value: coupon.firstOrderOnly ? 'yes' : 'no' },
      { label: 'With other coupons', value: coupon.stackable ? 'yes' : 'no: the better one counts' }, { label: 'Smallest order', value: Object.entries(coupon.minimums).map(([currency, minor]) => formatMoney(minor, currency, locale)).join(' or ') || 'none' }, { label: 'Batch', value: coupon.batch ?? 'none' },
    ],
  }, { title: coupon.code })
}
