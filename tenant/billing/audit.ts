/**
 * The identities of the books (design: money, chapter 5), checked nightly and by `ezscale tenants audit`. Reads only: a finding is reported to people,
 * never repaired silently. What only the gateways know is compared by reconcile/, each day.
 */
import { tenantDb } from '../../shared/database/tenant-database.js'
import { clock } from '../../shared/time/clock.js'
import { bookChecks } from './audit-books.js'
import type { Check, Finding } from './audit-check.js'
import { numberFindings } from './audit-numbers.js'
import { gatewayChecks } from './audit-gateways.js'
import { paymentChecks } from './audit-payments.js'
import { usageChecks } from './audit-usage.js'
import { subscriptionChecks } from './subscriptions/audit-subscriptions.js'
import { couponChecks } from './coupons/audit-coupons.js'
import { wholesaleFindings } from './audit-wholesale.js'

export type { Finding } from './audit-check.js'

/** Most findings reported for one check: a broken shop must not drown the report. */
const most = 50

/** Every finding of the current tenant; empty when the books are in order. */
export async function auditTenant(): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const check of [...bookChecks, ...paymentChecks, ...gatewayChecks, ...subscriptionChecks, ...usageChecks, ...couponChecks]) findings.push(...await run(check))
  return [...findings, ...await numberFindings(), ...await wholesaleFindings(clock.now())]
}

async function run(check: Check): Promise<Finding[]> {
  const [rows] = (await tenantDb().raw(`${check.sql} limit ${most}`)) as [Array<Record<string, unknown>>]
  return rows.map((row) => ({ check: check.name, subject: `${check.subject} ${String(row['id'])}`, message: check.message(row) }))
}
