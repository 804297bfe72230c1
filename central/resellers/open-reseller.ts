/** Opens a reseller: a saga of steps that may each be repeated. The tenant serves nobody until the last one. */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Knex } from 'knex'
import { config } from '../../shared/config.js'
import { centralDb } from '../../shared/database/central-database.js'
import { withLease } from '../../shared/database/lock.js'
import { centralTransaction } from '../../shared/database/transaction.js'
import { FormErrors, Refusal } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { defineJob } from '../../shared/jobs/job.js'
import { log } from '../../shared/log.js'
import { clock } from '../../shared/time/clock.js'
import { defaultColors } from '../tenant-value.js'
import { ensureMember, joinTenant } from '../members/member.js'
import { hostFault, newResellerSchema, slugOf, type NewReseller, type NewResellerInput } from './new-reseller.js'
import { runStep } from './opening-steps.js'
import { markDone, markFailed, markRunning, openingSteps, readSteps } from './opening.js'
import { firstBillingAt } from './terms.js'
import { Reseller } from './reseller.js'

async function refuseTaken(input: NewReseller, slug: string, house: boolean): Promise<void> {
  const fields: Record<string, string> = {}
  const fault = house ? null : hostFault(input.host)
  if (fault) fields['host'] = fault
  if (await centralDb()('tenant_domains').where({ domain: input.host }).first('id')) fields['host'] = 'Another reseller has this host name.'
  if (await centralDb()('tenants').where({ live_slug: slug }).first('id')) fields['slug'] = `The short name "${slug}" is taken: enter another.`
  if (Object.keys(fields).length) throw new FormErrors(fields, { ...input })
}

async function insertRows(trx: Knex.Transaction, input: NewReseller, slug: string, house: boolean): Promise<number> {
  const now = clock.real()
  const stamps = { created_at: now, updated_at: now }
  const [id] = await trx('tenants').insert({
    uuid: randomUUID(), slug, name: input.name, status: 'opening', house: house ? 1 : 0, sandbox: input.sandbox ? 1 : 0, owner_name: input.ownerName,
    owner_email: input.ownerEmail, currency: input.currency, time_zone: input.timeZone, locale: 'en', ...stamps,
  })
  const hosts = [{ domain: input.host, type: 'primary' }, ...(house ? [] : [{ domain: `${slug}.${config().PLATFORM_DOMAIN}`, type: 'alias' }])]
  await trx('tenant_domains').insert(hosts.map((host) => ({ tenant_id: id, ...host, ssl_status: 'pending', verified_at: now, ...stamps })))
  await trx('tenant_billing').insert({
    tenant_id: id, tier: input.tier, currency: input.currency, wholesale_discount_ppm: Math.round(input.discountPercent * 10_000), monthly_fee_minor: input.monthlyFee,
    commission_ppm: Math.round(input.commissionPercent * 10_000), billing_cycle_day: input.billingDay, started_at: now, next_billing_at: firstBillingAt(now, input.billingDay), updated_at: now,
  })
  await trx('tenant_branding').insert({
    tenant_id: id, company_name: input.name, primary_color: defaultColors.primary, secondary_color: defaultColors.secondary, support_email: input.ownerEmail,
    from_name: input.name, legal_name: input.name, legal_address: '[]', updated_at: now,
  })
  await trx('opening_steps').insert(openingSteps.map((step, position) => ({ tenant_id: id, step, position, status: 'waiting' })))
  return id!
}

/**
 * Accepts the order to open a reseller and starts the saga as a job. Throws FormErrors for what is wrong or taken.
 * `house` makes the platform's own shop, which has no alias host and no owner.
 */
export async function openReseller(raw: NewResellerInput, options: { house?: boolean; start?: boolean } = {}): Promise<Reseller> {
  const parsed = newResellerSchema.safeParse(raw)
  if (!parsed.success) throw new FormErrors(Object.fromEntries(parsed.error.issues.map((i) => [i.path.join('.'), i.message])), { ...raw })
  const input = parsed.data
  const slug = input.slug || slugOf(input.name)
  await refuseTaken(input, slug, options.house ?? false)
  const id = await centralTransaction(async (trx) => {
    const tenantId = await insertRows(trx, input, slug, options.house ?? false)
    if (!options.house) await joinTenant(await ensureMember(input.ownerEmail, input.ownerName), tenantId, 'owner')
    await record('reseller.opening', { type: 'tenant', id: tenantId }, { slug, host: input.host }, { tenantId })
    if (options.start !== false) await continueOpeningJob.enqueue({ tenantId }, { key: `opening:${tenantId}` })
    return tenantId
  })
  return Reseller.findOwned({ id })
}

/** Runs the steps that are left, in order; stops at the first that fails, with its error kept. Two callers at once: one works, the other returns. */
export async function continueOpening(tenantId: number): Promise<Reseller> {
  await withLease(`opening:${tenantId}`, 60, async () => {
    for (const state of await readSteps(tenantId)) {
      if (state.status === 'done') continue
      await markRunning(tenantId, state.step)
      try {
        await markDone(tenantId, state.step, await runStep(state.step, await Reseller.findOwned({ id: tenantId })))
      } catch (error) {
        log().error({ err: error, step: state.step, tenantId }, 'opening a reseller failed at a step')
        await markFailed(tenantId, state.step, error instanceof Error ? error.message : String(error))
        await record('reseller.opening-failed', { type: 'tenant', id: tenantId }, { step: state.step }, { tenantId })
        return
      }
    }
  })
  return Reseller.findOwned({ id: tenantId })
}

/** Staff asks for another try after a failed step. */
export async function retryOpening(reseller: Reseller): Promise<void> {
  if (reseller.status !== 'opening') throw new Refusal('reseller.open', `${reseller.name} is open already.`)
  await continueOpeningJob.enqueue({ tenantId: reseller.id }, { key: `opening:${reseller.id}` })
}

/** The job's own failure handling is not used: a failed step waits for a person, and the row says so. */
export const continueOpeningJob = defineJob({
  name: 'resellers.continue-opening', scope: 'central', version: 1, attempts: 1, backoffSeconds: 10,
  payload: z.object({ tenantId: z.number().int() }),
  handler: async ({ tenantId }) => void (await continueOpening(tenantId)),
})
