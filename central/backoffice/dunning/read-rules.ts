/** Between the form of the rules and the rules. */
import { FormErrors } from '../../../shared/errors.js'
import { Money } from '../../../shared/money/money.js'
import { faultOf, type DunningRules, type Escalation } from '../../../tenant/billing/dunning/schedule.js'

export interface RulesInput {
  reminders?: string | undefined
  warn?: number | undefined
  suspend?: number | undefined
  terminate?: number | undefined
  graceDays: number
  retry?: 'on' | undefined
  hourlyLimit?: string | undefined
  types?: string | undefined
}

/** `vps: 5, 7, -`: warn, suspend, end; `-` for never. One type a line. */
function readTypes(text: string): Record<string, Escalation> {
  const found: Record<string, Escalation> = {}
  for (const line of text.split('\n').map((l) => l.trim()).filter(Boolean)) {
    const match = /^([a-z_]{2,32})\s*:\s*(\d{1,3}|-)\s*,\s*(\d{1,3}|-)\s*,\s*(\d{1,3}|-)$/.exec(line)
    if (!match) throw new FormErrors({ types: `“${line.slice(0, 60)}” is not like “vps: 5, 7, 20”. Write - for never.` })
    const [warn, suspend, terminate] = [match[2]!, match[3]!, match[4]!].map((n) => (n === '-' ? null : Number(n)))
    if ([warn, suspend, terminate].some((n) => n !== null && n !== undefined && (n < 1 || n > 365))) throw new FormErrors({ types: `In “${line.slice(0, 60)}”, days are from 1 to 365.` })
    found[match[1]!] = { warn: warn ?? null, suspend: suspend ?? null, terminate: terminate ?? null }
  }
  return found
}

function readReminders(text: string): number[] {
  const days = text.split(',').map((part) => part.trim()).filter(Boolean)
  const wrong = days.find((d) => !/^[+-]?\d{1,3}$/.test(d.replace('−', '-')) || Number(d.replace('−', '-')) < -30 || Number(d.replace('−', '-')) > 180)
  if (wrong !== undefined || days.length > 12) throw new FormErrors({ reminders: 'Enter up to twelve days from -30 to 180, like -3, 0, 1, 7.' })
  return [...new Set(days.map((d) => Number(d.replace('−', '-'))))].sort((a, b) => a - b)
}

/** Throws FormErrors by field. */
export function readRules(input: RulesInput, currency: string): DunningRules {
  const limit = input.hourlyLimit === undefined ? null : Money.parse(input.hourlyLimit, currency)
  if (input.hourlyLimit !== undefined && !limit?.isPositive()) throw new FormErrors({ hourlyLimit: 'Enter an amount like 50.00, or leave it empty.' })
  const rules: DunningRules = {
    reminders: readReminders(input.reminders ?? ''), steps: { warn: input.warn ?? null, suspend: input.suspend ?? null, terminate: input.terminate ?? null }, byServiceType: readTypes(input.types ?? ''), retry: input.retry === 'on',
    graceDays: input.graceDays, hourlyLimitMinor: limit?.minor ?? null,
  }
  const fault = faultOf(rules)
  if (fault) throw new FormErrors({ warn: fault })
  return rules
}

/** The rules as the form shows them. */
export function showRules(rules: DunningRules, currency: string): Record<string, unknown> {
  const day = (n: number | null): string => (n === null ? '-' : String(n))
  return {
    reminders: rules.reminders.join(', '), warn: rules.steps.warn ?? '', suspend: rules.steps.suspend ?? '', terminate: rules.steps.terminate ?? '', graceDays: rules.graceDays, retry: rules.retry,
    hourlyLimit: rules.hourlyLimitMinor === null ? '' : Money.of(rules.hourlyLimitMinor, currency).toString(),
    types: Object.entries(rules.byServiceType).map(([type, s]) => `${type}: ${day(s.warn)}, ${day(s.suspend)}, ${day(s.terminate)}`).join('\n'),
  }
}
