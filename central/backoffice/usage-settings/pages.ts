/** How a shop bills use between the ends of months, as its form shows it. */
import { Money } from '../../../shared/money/money.js'
import { shelves } from '../../../tenant/catalog/offered.js'
import { usageSettings, type UsageSettings } from '../../../tenant/billing/usage/usage-settings.js'
import { fieldOf } from './forms.js'

/** Inside the tenant: what the shop sells in, its own currency first, and what a limit was set for. */
export async function usageCurrencies(own: string): Promise<string[]> {
  const [sold, { interim }] = [await shelves(), await usageSettings.read()]
  return [...new Set([own, ...sold.map((shelf) => shelf.currency), ...Object.keys(interim)])]
}

export interface UsageSettingsPage {
  amounts: Array<{ name: string; currency: string; value: unknown; error: string | undefined }>
  lowCredit: unknown
  choices: Array<{ value: UsageSettings['lowCredit']; label: string; text: string }>
}

/** `typed`: what stood in the form when it was refused. */
export function usagePage(settings: UsageSettings, currencies: readonly string[], typed?: { errors: Readonly<Record<string, string>>; input: Readonly<Record<string, unknown>> }): UsageSettingsPage {
  const kept = (currency: string): string => (settings.interim[currency] === undefined ? '' : Money.of(settings.interim[currency], currency).toString())
  return {
    amounts: currencies.map((currency) => ({ name: fieldOf(currency), currency, value: typed ? typed.input[fieldOf(currency)] : kept(currency), error: typed?.errors[fieldOf(currency)] })),
    lowCredit: typed?.input['lowCredit'] ?? settings.lowCredit,
    choices: [
      { value: 'warn', label: 'Only warn', text: 'They are told at 80 % and when it is used up. What runs keeps running, and the bill is due as any other.' },
      { value: 'stop', label: 'Warn, then stop', text: 'What runs is stopped when the credit is used up. Files are kept; it starts again after a top-up.' },
    ],
  }
}
