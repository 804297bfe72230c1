/** What staff writes down about a service. */
import { z } from 'zod'
import { text } from '../../../shared/http/form.js'
import type { NewDetail } from '../../../tenant/services/service-detail.js'

export const detailRows = 6
export const listQuery = z.object({ show: z.enum(['open', 'done']).default('open') })
export const servicesQuery = z.object({ show: z.enum(['current', 'suspended', 'ended']).default('current'), q: z.string().max(120).optional() })
export const emptyForm = z.object({})
export const reasonForm = z.object({ reason: text('The reason', 300, 3) })
export const endForm = z.object({ confirm: z.string('Type the name to go on.') })

const rows = Array.from({ length: detailRows }, (_, i) => i + 1)
const row = (n: number) => ({ [`label_${n}`]: text('The label', 60).optional(), [`value_${n}`]: text('The value', 500).optional(), [`hidden_${n}`]: z.literal('on').optional() })
export const detailsForm = z.object(Object.assign({}, ...rows.map(row)) as Record<string, z.ZodOptional<z.ZodString> | z.ZodOptional<z.ZodLiteral<'on'>>>)

/** Rows without a label are left out; a hidden one without a value keeps what it has. */
export const detailsFrom = (fields: Readonly<Record<string, string | undefined>>): NewDetail[] => rows.flatMap((n) => {
  const [label, value, secret] = [fields[`label_${n}`], fields[`value_${n}`], fields[`hidden_${n}`] === 'on']
  return label && (value || secret) ? [{ label, value: value ?? null, secret }] : []
})
