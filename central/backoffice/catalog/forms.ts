/** What the desk's catalogue forms take. */
import type { Request } from 'express'
import { z } from 'zod'
import { FormErrors } from '../../../shared/errors.js'
import { form, text } from '../../../shared/http/form.js'
import { microsPerMinor } from '../../../shared/money/currency.js'
import { cycleOrder } from '../../../tenant/catalog/cycle.js'
import { parseMicros } from '../../../tenant/catalog/price-rules.js'
import { serviceTypes } from '../../../tenant/catalog/product.js'
import type { ProductFacts } from '../../../tenant/catalog/save-product.js'

/** A whole number within bounds; the sentence names them. */
const whole = (least: number, most: number) => {
  const sentence = `Enter a whole number between ${least} and ${most.toLocaleString('en')}.`
  return z.coerce.number(sentence).int(sentence).min(least, sentence).max(most, sentence)
}
const lines = z.string().max(1000, 'This is too long.').transform((t) => t.split(/\r?\n/).map((line) => line.trim()).filter(Boolean))
const paragraph = z.string().max(1000, 'This can have at most 1,000 characters.').transform((t) => t.replace(/\s+/g, ' '))
const tick = z.literal('on').optional().transform(Boolean)
const slug = z.string().max(64, 'An address can have at most 64 characters.').regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'Use small letters, digits and single hyphens: vps-s.')
const policy = z.enum(['now', 'period-end'], 'Choose when it takes effect.')
/** Micro-units; exact. */
const price = z.string().max(20, 'Enter a price like 12.50.').refine((t) => parseMicros(t) !== null, 'Enter a price like 12.50.').transform((t) => parseMicros(t)!)

const facts = {
  name: text('The name', 120), slug, description: paragraph.optional(), features: lines.optional(), group: whole(1, 2 ** 31).optional(), follows: tick, stock: whole(0, 1_000_000).optional(), max_quantity: whole(1, 10_000),
  trial_days: whole(0, 365).optional(), min_term: whole(0, 60).optional(), tax_class: z.enum(['standard', 'reduced', 'exempt'], 'Choose a tax class.'), upgrade: policy, downgrade: policy, sort: whole(0, 1_000_000).optional(),
}
const newProductForm = z.object({ ...facts, kind: z.enum(['plan', 'addon'], 'Choose what it is.'), service_type: z.enum(serviceTypes, 'Choose a type.').refine((t) => t !== 'kasm_workspace', 'Workspaces are set up by the platform.') })
const detailsForm = z.object(facts)

function factsOf(input: z.infer<typeof detailsForm>): ProductFacts {
  return {
    name: input.name, slug: input.slug, description: input.description ?? '', features: input.features ?? [], groupId: input.group ?? null, followsParent: input.follows, stockLimit: input.stock ?? null, maxQuantity: input.max_quantity,
    trialDays: input.trial_days ?? 0, minTermMonths: input.min_term ?? 0, taxClass: input.tax_class, upgradePolicy: input.upgrade, downgradePolicy: input.downgrade, sortOrder: input.sort ?? 0,
  }
}

export const readDetails = (req: Request): ProductFacts => factsOf(form(detailsForm, req))
export function readNewProduct(req: Request) {
  const input = form(newProductForm, req)
  return { kind: input.kind, serviceType: input.service_type, facts: factsOf(input) }
}

export const groupForm = z.object({ name: text('The name', 120), slug, description: paragraph.optional(), sort: whole(0, 1_000_000).optional() })
export const statusForm = z.object({ status: z.enum(['active', 'hidden', 'retired'], 'Choose a state.') })
export const skuForm = z.object({ sku: z.string().max(64).regex(/^[a-z0-9._-]+$/, 'Choose an article of the list.').optional() })

const isCurrency = (code: string): boolean => /^[A-Z]{3}$/.test(code) && Intl.supportedValuesOf('currency').includes(code)
/** One price for each cycle that was filled in. */
export const plansForm = z.object({
  currency: z.string().toUpperCase().refine(isCurrency, 'Enter a currency code like USD.'), setup: price.optional(),
  ...Object.fromEntries(cycleOrder.filter((c) => c !== 'hourly').map((cycle) => [`price_${cycle}`, price.optional()])),
})

export const priceForm = z.object({ price, setup: price.optional(), version: whole(1, 2 ** 31), who: z.enum(['new', 'move'], 'Choose who pays the new price.'), notice: whole(1, 366).optional() })
export type PriceWish = z.infer<typeof priceForm>

/** Minor units of a fee that was typed; throws FormErrors (`setup`) for a part of a cent. */
export function minorOf(micros: number | undefined, currency: string): number {
  const unit = microsPerMinor(currency)
  if ((micros ?? 0) % unit !== 0) throw new FormErrors({ setup: `An amount in ${currency} cannot be finer than its smallest unit.` })
  return (micros ?? 0) / unit
}

const optionFacts = { name: text('The name', 120), hint: text('The hint', 250).optional(), unit: text('The unit', 24).optional(), required: tick, min: whole(0, 1_000_000).optional(), max: whole(1, 1_000_000).optional(), tier_mode: z.enum(['volume', 'graduated']).optional(), sort: whole(0, 1_000_000).optional() }
export const newOptionForm = z.object({ ...optionFacts, kind: z.enum(['select', 'quantity', 'checkbox'], 'Choose a kind.'), choices: lines.optional() })
export const optionForm = z.object(optionFacts)

/** Names of a form that repeats itself: `label_12`, `p_abc…`. Only those that fit the pattern are let in. */
export function namesLike(req: Request, pattern: RegExp): string[] {
  return Object.keys((req.body ?? {}) as object).filter((name) => pattern.test(name)).slice(0, 600)
}
/** A schema with these names beside its own. */
export const withNames = <S extends z.ZodRawShape>(schema: z.ZodObject<S>, names: readonly string[], each: z.ZodType = z.string().max(120)) => z.object({ ...schema.shape, ...Object.fromEntries(names.map((n) => [n, each.optional()])) })
export { price as priceText }

export const bulkForm = z.object({
  act: z.enum(['active', 'hidden', 'retired', 'price'], 'Choose what to do.'), rounding: z.enum(['minor', 'whole']).optional(),
  percent: z.string().regex(/^-?\d{1,3}([.,]\d{1,2})?$/, 'Enter a change like 5 or -2.5, with at most two decimals.').refine((t) => Number(t.replace(',', '.')) >= -90, 'Prices can fall by 90 percent at most.').optional(),
})
export type BulkWish = z.infer<typeof bulkForm>
/** `-2.5` → −250 hundredths of a percent. */
export const hundredthsOf = (percent: string): number => Math.round(Number(percent.replace(',', '.')) * 100)
