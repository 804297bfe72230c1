/** Limits and alerts of a shop, as its desk shows them. Runs inside the tenant. */
import { Money } from '../../../shared/money/money.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import type { Customer } from '../../../tenant/customers/customer.js'
import { AlertChannel, alertKinds, kindWords } from '../../../tenant/kasm/alerts/alert-channel.js'
import { ShopAlert } from '../../../tenant/kasm/alerts/alert.js'
import { heldBy, limitsOf } from '../../../tenant/kasm/limits/ask-limits.js'
import { CustomerLimits, defaultLimits, type Limits } from '../../../tenant/kasm/limits/limits.js'
import { typeNames } from './rows.js'

type Input = Readonly<Record<string, unknown>>
const LATEST = 25

/** `input`: what was typed, after a fault. */
async function limitsInput(limits: Limits, input?: Input): Promise<object> {
  const types = [...await typeNames()].map(([value, label]) => ({
    value, label, checked: input ? input[`type_${value}`] === 'on' : (limits.types ?? []).includes(value),
  }))
  return { types, workspaces: input ? input['workspaces'] : limits.workspaces, running: input ? input['running'] : limits.running, allTypes: input ? input['allTypes'] === 'on' : limits.types === null }
}

export async function settingsPage(base: string, limits?: Input, alerts?: Input): Promise<object> {
  return { home: `${base}/workspaces`, limits: await limitsInput(await defaultLimits.read(), limits), alerts: await alertsInput(alerts), latest: await latestAlerts(base), own: await CustomerLimits.query().resultSize() }
}

async function alertsInput(input?: Input): Promise<object> {
  const channel = await AlertChannel.current()
  const { currency } = currentTenant()
  return {
    hint: channel?.discordHint ?? null, trouble: channel?.discordTrouble ?? null, email: input ? input['email'] : channel?.email, currency,
    largeCost: input ? input['largeCost'] : channel?.largeCostMinor ? Money.of(Number(channel.largeCostMinor), currency).toString() : '',
    kinds: alertKinds.map((kind) => ({ name: `kind_${kind}`, ...kindWords[kind], checked: input ? input[`kind_${kind}`] === 'on' : channel?.kinds.includes(kind) ?? false })),
    ready: channel?.reaches ?? false,
  }
}

const postWords: Readonly<Record<ShopAlert['postStatus'], { label: string; tone: string }>> = {
  none: { label: 'Mail only', tone: 'calm' }, waiting: { label: 'On its way', tone: 'wait' }, posted: { label: 'On Discord', tone: 'good' }, 'given-up': { label: 'Discord did not take it', tone: 'bad' }, off: { label: 'Webhook gone', tone: 'bad' },
}
async function latestAlerts(base: string): Promise<object[]> {
  const alerts = await ShopAlert.query().orderBy('raisedAt', 'desc').limit(LATEST)
  return alerts.map((a) => ({ title: a.title, message: a.message, at: a.raisedAt, href: a.href ? `${base}${a.href}` : null, post: postWords[a.postStatus], error: a.lastError }))
}

export async function customerLimitsPage(customer: Customer, base: string, input?: Input): Promise<{ name: string } & Record<string, unknown>> {
  const own = await CustomerLimits.query().findOne({ userId: customer.id })
  const limits = await limitsOf(customer.id)
  return {
    name: customer.company ?? customer.name, href: `${base}/customers/${customer.publicId}`, home: `${base}/workspaces`, own: input ? input['own'] === 'on' : own !== undefined,
    limits: await limitsInput(limits, input), held: await heldBy(customer.id), manages: true,
  }
}
