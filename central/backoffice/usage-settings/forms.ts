/** What the desk may say about the billing of use between the ends of months. */
import { z } from 'zod'
import { FormErrors } from '../../../shared/errors.js'
import { Money } from '../../../shared/money/money.js'
import type { UsageSettings } from '../../../tenant/billing/usage/usage-settings.js'

export const fieldOf = (currency: string): string => `interim${currency}`

/** One optional amount a currency that the shop sells in. */
export const usageForm = (currencies: readonly string[]) => z.object({
  ...Object.fromEntries(currencies.map((currency) => [fieldOf(currency), z.string().max(16, 'This amount is too long.').optional()])), lowCredit: z.enum(['warn', 'stop'], { error: 'Choose one.' }),
})

/** Throws FormErrors by field. */
export function readUsage(input: Readonly<Record<string, unknown>>, currencies: readonly string[]): UsageSettings {
  const [interim, errors]: [Record<string, number>, Record<string, string>] = [{}, {}]
  for (const currency of currencies) {
    const typed = input[fieldOf(currency)]
    if (typeof typed !== 'string' || !typed.trim()) continue
    const amount = Money.parse(typed, currency)
    if (amount?.isPositive() && amount.minor <= 1_000_000_000) interim[currency] = amount.minor
    else errors[fieldOf(currency)] = 'Enter an amount above zero, like 100, or leave it empty.'
  }
  if (Object.keys(errors).length) throw new FormErrors(errors)
  return { interim, lowCredit: input['lowCredit'] === 'stop' ? 'stop' : 'warn' }
}
