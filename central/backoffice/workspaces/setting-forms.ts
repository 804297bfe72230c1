/** Limits and alerts as browsers send them. */
import { z } from 'zod'
import { emailAddress } from '../../../shared/http/form.js'
import { alertKinds, type AlertKind } from '../../../tenant/kasm/alerts/alert-channel.js'
import { MOST, type Limits } from '../../../tenant/kasm/limits/limits.js'

const on = z.literal('on').optional()
const many = z.string().regex(/^\d{1,5}$/, 'Enter a whole number, or leave it empty for no limit.').refine((t) => Number(t) <= MOST, `At most ${MOST}.`).optional()
const TYPE = /^type_([a-z0-9_-]{1,32})$/

/** `own`: on the customer's form only. Types come as boxes `type_<type>`. */
export const limitsForm = z.object({ workspaces: many, running: many, allTypes: on, own: on })
export type LimitsInput = z.infer<typeof limitsForm>

/** Names of the ticked types, for the schema: a form with boxes has as many fields as there are types. */
export const typeFields = (body: unknown): string[] => Object.keys((body ?? {}) as object).filter((name) => TYPE.test(name)).slice(0, 100)
export const withTypes = (names: readonly string[]) => z.object({ ...limitsForm.shape, ...Object.fromEntries(names.map((name) => [name, on])) })

export function limitsFrom(input: LimitsInput, names: readonly string[]): Limits {
  const number = (text: string | undefined): number | null => (text === undefined ? null : Number(text))
  return { workspaces: number(input.workspaces), running: number(input.running), types: input.allTypes === 'on' ? null : names.map((name) => TYPE.exec(name)![1]!) }
}

/** `webhook_secret`: its name keeps it from ever being sent back into a form. */
export const alertForm = z.object({
  webhook_secret: z.string().max(300).transform((t) => t.trim()).optional(), remove: on, email: emailAddress.optional(), largeCost: z.string().max(16).optional(),
  ...Object.fromEntries(alertKinds.map((kind) => [`kind_${kind}`, on])) as Record<`kind_${AlertKind}`, typeof on>,
})
