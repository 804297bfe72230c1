/** What `tenants create|suspend|resume-tenant|maintenance|drop` do: the same verbs as the console's buttons. */
import type { Reseller } from '../../central/resellers/reseller.js'
import type { StepState } from '../../central/resellers/opening.js'
import { runInCentral } from '../../shared/tenancy/context.js'
import { connectApps } from './command.js'
import { exit, noTenant, UsageError } from './exit-codes.js'
import type { GlobalFlags } from './options.js'
import { lineOf, tenantBySlug } from './tenant-rows.js'
import { confirm, confirmName, dim, green, print, printJson, red, say } from './terminal.js'

interface CreateFlags extends GlobalFlags {
  name?: string; slug?: string; host?: string; ownerName?: string; ownerEmail?: string; currency?: string; timeZone?: string; tier?: string; monthlyFee?: string
  discountPercent?: string; commissionPercent?: string; billingDay?: string; sandbox?: boolean; house?: boolean; continue?: string
}

async function resellerOf(slug: string): Promise<Reseller> {
  const { Reseller: model } = await import('../../central/resellers/reseller.js')
  const { id } = await tenantBySlug(slug)
  const found = (await model.query().findById(id)) as Reseller | undefined
  if (!found) throw noTenant(slug)
  return found
}

/** Orders the opening without a job, so that this process does the steps and nobody else. */
async function order(flags: CreateFlags): Promise<number> {
  const { openReseller } = await import('../../central/resellers/open-reseller.js')
  const { name, slug, host, ownerName, ownerEmail, currency, timeZone, tier, monthlyFee, discountPercent, commissionPercent, billingDay, sandbox } = flags
  const missing = Object.entries({ name, host, 'owner-name': ownerName, 'owner-email': ownerEmail }).filter(([, v]) => !v).map(([k]) => `--${k}`)
  if (missing.length) throw new UsageError(`Missing: ${missing.join(', ')}.`)
  const input = Object.fromEntries(Object.entries({ name, slug, host, ownerName, ownerEmail, currency, timeZone, tier, monthlyFee, discountPercent, commissionPercent, billingDay, sandbox }).filter(([, v]) => v !== undefined))
  const reseller = await openReseller(input as unknown as Parameters<typeof openReseller>[0], { house: flags.house ?? false, start: false })
  return reseller.id
}

/** Tells each step as it ends, while the saga runs. */
async function follow(tenantId: number): Promise<StepState[]> {
  const { continueOpening } = await import('../../central/resellers/open-reseller.js')
  const { readSteps, stepTitles } = await import('../../central/resellers/opening.js')
  const told = new Set<string>()
  const tell = async (): Promise<StepState[]> => {
    const steps = await readSteps(tenantId)
    for (const s of steps.filter((x) => (x.status === 'done' || x.status === 'failed') && !told.has(x.step))) {
      told.add(s.step)
      say(s.status === 'done' ? `${green('✔')} ${stepTitles[s.step]} ${dim(s.detail ?? '')}` : `${red('✘')} ${stepTitles[s.step]}: ${s.error}`)
    }
    return steps
  }
  const timer = setInterval(() => void tell().catch(() => undefined), 250)
  await continueOpening(tenantId).finally(() => clearInterval(timer))
  return tell()
}

export async function create(flags: CreateFlags): Promise<number> {
  await connectApps()
  return runInCentral(async () => {
    const id = flags.continue ? (await tenantBySlug(flags.continue)).id : await order(flags)
    const steps = await follow(id)
    const { Reseller: model } = await import('../../central/resellers/reseller.js')
    const { slug, status } = (await model.query().findById(id)) as Reseller
    const done = status !== 'opening'
    if (flags.json || flags.ndjson) printJson({ ...lineOf(await tenantBySlug(slug)), steps })
    else if (done) print(`${slug} is open.`)
    if (!done) say(`The opening of ${slug} is not finished. Go on with: ezscale tenants create --continue ${slug}`)
    return done ? exit.ok : exit.failed
  })
}

async function change(slug: string, flags: GlobalFlags, verb: (reseller: Reseller) => Promise<void>, says: string): Promise<number> {
  await connectApps()
  return runInCentral(async () => {
    await verb(await resellerOf(slug))
    if (flags.json || flags.ndjson) printJson(lineOf(await tenantBySlug(slug)))
    else say(green(`${slug} ${says}`))
    return exit.ok
  })
}
const verbs = () => import('../../central/resellers/change-status.js')

export async function suspend(flags: GlobalFlags & { reason: string }, slug: string): Promise<number> {
  await confirm(`Suspend ${slug}? Its shop and its customers' pages close at once.`, flags.yes ?? false)
  return change(slug, flags, async (r) => (await verbs()).suspendReseller(r, flags.reason), 'is suspended.')
}
export const resume = (flags: GlobalFlags, slug: string): Promise<number> => change(slug, flags, async (r) => (await verbs()).resumeReseller(r), 'is active again.')
export async function maintenance(flags: GlobalFlags & { off?: boolean }, slug: string): Promise<number> {
  if (flags.off) return resume(flags, slug)
  return change(slug, flags, async (r) => (await verbs()).startMaintenance(r), `is in maintenance. End it with: ezscale tenants maintenance ${slug} --off`)
}

export async function drop(flags: GlobalFlags & { confirm?: string }, slug: string): Promise<number> {
  await connectApps()
  return runInCentral(async () => {
    const reseller = await resellerOf(slug)
    await confirmName(`Drop ${slug} (${reseller.name}) with its database and everything its customers have in it? There is no way back.`, slug, flags.confirm)
    await (await verbs()).dropReseller(reseller)
    if (flags.json || flags.ndjson) printJson({ slug, status: 'dropped' })
    else say(green(`${slug} is dropped. Its row stays for its bills.`))
    return exit.ok
  })
}
