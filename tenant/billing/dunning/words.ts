/** Letters in the reseller's own words. Plain text with a few names in double braces: nothing is evaluated, unknown names are refused, values are escaped by the view. */
import { z } from 'zod'
import { defineSetting } from '../../settings/setting.js'

export const letterNames = ['before', 'overdue', 'warning', 'suspended', 'terminated'] as const
export type LetterName = (typeof letterNames)[number]

/** What may stand between the braces. */
export const variables = {
  name: 'Name of the customer', number: 'Number of the invoice', amount: 'What is left to pay', due_date: 'The day on which it was due', days_overdue: 'Days since then',
  services: 'Names of the services concerned', suspend_date: 'The day on which they are suspended', terminate_date: 'The day on which they end', shop_name: 'Name of the shop',
} as const
export type Variable = keyof typeof variables

const words = z.object({ subject: z.string().min(1).max(200), body: z.string().min(1).max(4000) })
export type Words = z.infer<typeof words>
const letters = z.object({ before: words, overdue: words, warning: words, suspended: words, terminated: words })
export type Letters = z.infer<typeof letters>

export const defaultLetters: Letters = {
  before: { subject: 'Invoice {{number}} is due on {{due_date}}', body: 'Hello {{name}},\n\nthis is a friendly reminder: invoice {{number}} over {{amount}} is due on {{due_date}}.\n\nIf you have paid already, you need not do anything.' },
  overdue: { subject: 'Invoice {{number}} is overdue', body: 'Hello {{name}},\n\ninvoice {{number}} was due on {{due_date}}, and {{amount}} is still open. Please pay it today.\n\nIf you have paid in the meantime, please ignore this letter.' },
  warning: { subject: 'Your services will be suspended: invoice {{number}} is not paid', body: 'Hello {{name}},\n\ninvoice {{number}} over {{amount}} has been overdue since {{due_date}}. If it is not paid, {{services}} will be suspended on {{suspend_date}}.\n\nTalk to us if you cannot pay at once.' },
  suspended: { subject: 'Your services are suspended: invoice {{number}} is not paid', body: 'Hello {{name}},\n\nas invoice {{number}} over {{amount}} is still open, {{services}} is suspended now. Everything is kept: as soon as the invoice is paid, it works again by itself.\n\nWithout a payment it ends on {{terminate_date}}, and its data is deleted.' },
  terminated: { subject: 'Your services have ended: invoice {{number}} was not paid', body: 'Hello {{name}},\n\ninvoice {{number}} over {{amount}} was not paid, and {{services}} has ended.\n\nThe amount is still owed.' },
}
export const dunningLetters = defineSetting<Letters>('dunning.letters', letters, defaultLetters)

const placeholder = /\{\{\s*([a-z_]{1,40})\s*\}\}/g

/** What is wrong with a text; null: nothing. */
export function faultIn(text: string): string | null {
  for (const [, name] of text.matchAll(placeholder)) if (!Object.hasOwn(variables, name!)) return `{{${name!}}} is not a name that we know. You can use: ${Object.keys(variables).map((v) => `{{${v}}}`).join(', ')}.`
  return /[{}]/.test(text.replaceAll(placeholder, '')) ? 'Braces are for names only, two on each side: {{amount}}.' : null
}

/** One pass: a value that looks like a placeholder stays what it is. */
export function fill(text: string, values: Readonly<Record<Variable, string>>): string {
  return text.replaceAll(placeholder, (whole, name: string) => (Object.hasOwn(variables, name) ? values[name as Variable] : whole))
}

export const paragraphsOf = (body: string): string[] => body.split(/\r?\n\s*\r?\n/).map((p) => p.trim()).filter(Boolean)
