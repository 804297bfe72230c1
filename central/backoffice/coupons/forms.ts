/** What the desk's coupon forms take. Amounts come as one field a currency, products and plans as one tick each. */
import type { Request } from 'express'
import { z } from 'zod'
import { FormErrors } from '../../../shared/errors.js'
import { form, text } from '../../../shared/http/form.js'
import { Money } from '../../../shared/money/money.js'
import { localMidnight } from '../../../shared/time/local-date.js'
import type { CouponFacts } from '../../../tenant/billing/coupons/save-coupon.js'
import { ppmOf } from '../../../tenant/billing/tax/rate-list.js'

const tick = z.literal('on').optional().transform(Boolean)
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'Enter a day like 2027-01-01.').optional()
const whole = (most: number) => z.coerce.number('Enter a whole number.').int('Enter a whole number.').min(1, 'Enter a number above 0, or nothing.')
  .max(most, 'This number is too large.').optional()
const amount = z.string().max(20).optional()

const fields = {
  name: text('The name', 120), kind: z.enum(['percent', 'fixed'], 'Choose what it takes off.'),
  percent: z.string().refine((typed) => ppmOf(typed) !== null, 'Enter a percentage up to 100.').optional(),
  duration: z.enum(['once', 'periods', 'forever'], 'Choose how long it lasts.'), periods: whole(120), startsAt: day, endsAt: day,
  limitTotal: whole(10_000_000), limitPerCustomer: whole(10_000),
  firstOrderOnly: tick, includesSetup: tick, stackable: tick,
}
const own = {
  one: { code: z.string().max(40, 'A code has at most 40 characters.') },
  batch: { prefix: z.string().max(20, 'The beginning has at most 20 letters and digits.').optional(), count: whole(1000), batch: text('The name of the batch', 60) },
}

/** The fields that exist only because the shop has these currencies, products and plans. */
export interface Offered {
  readonly currencies: readonly string[]
  readonly productIds: readonly number[]
  readonly planIds: readonly number[]
  readonly timeZone: string
}

const names = (prefix: string, values: ReadonlyArray<string | number>): string[] => values.map((value) => `${prefix}_${value}`)

function read<S extends z.ZodRawShape>(req: Request, more: S, offered: Offered): { input: Record<string, unknown>; facts: CouponFacts } {
  const extra = Object.fromEntries([
    ...[...names('amount', offered.currencies), ...names('minimum', offered.currencies)].map((name) => [name, amount]),
    ...[...names('product', offered.productIds), ...names('plan', offered.planIds)].map((name) => [name, tick]),
  ])
  const input = form(z.object({ ...fields, ...more, ...extra }), req) as Record<string, unknown> & z.infer<z.ZodObject<typeof fields>>
  const isFixed = input.kind === 'fixed'
  return { input, facts: {
    name: input.name, kind: input.kind, percentPpm: isFixed ? null : ppmOf(input.percent ?? '') ?? 0,
    amounts: isFixed ? amounts(input, 'amount', offered) : {}, minimums: amounts(input, 'minimum', offered),
    duration: input.duration, periods: input.duration === 'periods' ? input.periods ?? null : null,
    startsAt: instantOf('startsAt', input.startsAt, offered.timeZone), endsAt: instantOf('endsAt', input.endsAt, offered.timeZone),
    limitTotal: input.limitTotal ?? null, limitPerCustomer: input.limitPerCustomer ?? null, firstOrderOnly: input.firstOrderOnly,
    includesSetup: input.includesSetup, stackable: input.stackable,
    productIds: offered.productIds.filter((id) => input[`product_${id}`]), planIds: offered.planIds.filter((id) => input[`plan_${id}`]),
  } }
}

export function readCoupon(req: Request, offered: Offered): { code: string; facts: CouponFacts } {
  const { input, facts } = read(req, own.one, offered)
  return { code: String(input['code']), facts }
}
export function readBatch(req: Request, offered: Offered): { wish: { prefix: string; count: number; batch: string }; facts: CouponFacts } {
  const { input, facts } = read(req, own.batch, offered)
  return { wish: { prefix: String(input['prefix'] ?? ''), count: Number(input['count'] ?? 0), batch: String(input['batch']) }, facts }
}

function amounts(input: Record<string, unknown>, prefix: string, { currencies }: Offered): Record<string, number> {
  const minor: Record<string, number> = {}
  for (const currency of currencies) {
    const typed = input[`${prefix}_${currency}`]
    if (typeof typed !== 'string') continue
    const money = Money.parse(typed.replace(',', '.'), currency)
    if (!money?.isPositive()) throw new FormErrors({ [`${prefix}_${currency}`]: `Enter an amount in ${currency}, like ${Money.of(500, currency).toString()}.` })
    minor[currency] = money.minor
  }
  return minor
}

function instantOf(field: string, typed: string | undefined, timeZone: string): Date | null {
  if (!typed) return null
  const [year, month, date] = typed.split('-').map(Number) as [number, number, number]
  if (new Date(Date.UTC(year, month - 1, date)).getUTCMonth() !== month - 1) throw new FormErrors({ [field]: 'This day is not in the calendar.' })
  return localMidnight({ year, month, day: date }, timeZone)
}

/** `batch`: all of a batch instead of those that were ticked. */
export const bulkForm = (ids: readonly string[]) => z.object({
  act: z.enum(['stop', 'resume'], 'Choose what to do.'), sure: z.literal('yes').optional(), batch: z.string().max(60).optional(),
  ...Object.fromEntries(ids.map((id) => [`c_${id}`, tick])),
})
/** Coupons that were ticked, by public id. */
export const ticked = (req: Request): string[] => Object.keys((req.body ?? {}) as object).map((name) => /^c_([a-z0-9]{20})$/.exec(name)?.[1])
  .filter((id): id is string => id !== undefined).slice(0, 100)
