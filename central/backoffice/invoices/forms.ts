/** What browsers may send about invoices at the desk. */
import type { Request } from 'express'
import { z } from 'zod'
import { FormErrors } from '../../../shared/errors.js'
import { text } from '../../../shared/http/form.js'
import { Money } from '../../../shared/money/money.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { dayOf, localMidnight } from '../../../shared/time/local-date.js'
import { seriesCodes } from '../../../tenant/billing/invoices/number-series/number-series.js'

const reason = text('The reason', 255)
const formKey = z.string().length(20)

export const reasonForm = z.object({ reason: reason.optional() })
export const sendForm = z.object({ formKey })
export const noteForm = z.object({
  to: z.enum(['invoice', 'balance', 'source'], { error: 'Choose where the money goes.' }), reason, formKey, all: z.literal('on').optional(),
})
export const manualForm = z.object({ customer: z.string().length(20), formKey })
export const draftForm = z.object({ dueOn: z.string().max(10).optional(), memo: text('The note', 1000).optional() })
export const lineForm = z.object({
  description: text('The description', 500), quantity: z.string().regex(/^[1-9]\d{0,5}$/, 'Enter a whole number from 1.'), price: z.string().max(16),
  taxClass: z.string().max(32).optional(), service: z.string().max(20).optional(),
})
export const seriesForm = z.object({
  code: z.enum(seriesCodes), pattern: z.string({ error: 'Enter a format.' }).max(60, 'A format can have at most 60 characters.'),
  yearlyReset: z.literal('on').optional(), act: z.enum(['preview', 'save']),
})
export const termsForm = z.object({
  days: z.string().regex(/^\d{1,3}$/, 'Enter whole days, from 0 to 120.').refine((d) => Number(d) <= 120, 'Enter whole days, from 0 to 120.'),
  proforma: z.literal('on').optional(),
})

/** An amount as typed; throws FormErrors under `field`. */
export function amountOf(typed: string, currency: string, field: string, input: Record<string, unknown>): Money {
  const amount = Money.parse(typed, currency)
  if (!amount) throw new FormErrors({ [field]: `Enter an amount in ${currency} like ${Money.of(1250, currency).toString()}.` }, input)
  return amount
}

/** The end of a day of the shop, or null for none. Throws FormErrors under `dueOn`. */
export function dueAtOf(typed: string | undefined, input: Record<string, unknown>): Date | null {
  if (!typed) return null
  const day = dayOf(typed)
  if (!day) throw new FormErrors({ dueOn: 'Enter a day like 2026-12-31.' }, input)
  return localMidnight(day, currentTenant().timeZone)
}

/** Typed amounts of lines: fields `line_<row id>`. Empty ones are left out. */
export function lineAmountsOf(req: Request): Map<number, string> {
  const given = Object.entries((req.body ?? {}) as Record<string, unknown>)
  return new Map(given.flatMap(([name, value]) => {
    const id = /^line_(\d{1,15})$/.exec(name)?.[1]
    return id && typeof value === 'string' && value.trim() ? [[Number(id), value.trim()]] : []
  }))
}

/** The body without the fields that the two functions above read: those have names of their own making. */
export function plainBody(req: Request): Request {
  const rest = Object.entries((req.body ?? {}) as Record<string, unknown>).filter(([name]) => !/^(pick_[a-z0-9]{20}|line_\d{1,15})$/.test(name))
  return Object.assign(Object.create(req) as Request, { body: Object.fromEntries(rest) })
}
