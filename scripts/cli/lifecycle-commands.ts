/** `tenants create|suspend|resume-tenant|maintenance|drop`: the same verbs as the console's buttons. */
import type { Command } from 'commander'
import type { Reseller } from '../../central/resellers/reseller.js'
import type { StepState } from '../../central/resellers/opening.js'
import { NotFound } from '../../shared/errors.js'
import { runInCentral } from '../../shared/tenancy/context.js'
import { connectApps, run } from './command.js'
import { exit, UsageError } from './exit-codes.js'
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
  if (!found) throw new NotFound(`tenant "${slug}"`)
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

async function create(flags: CreateFlags): Promise<number> {
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

async function suspend(flags: GlobalFlags & { reason: string }, slug: string): Promise<number> {
  await confirm(`Suspend ${slug}? Its shop and its customers' pages close at once.`, flags.yes ?? false)
  return change(slug, flags, async (r) => (await verbs()).suspendReseller(r, flags.reason), 'is suspended.')
}
const resume = (flags: GlobalFlags, slug: string): Promise<number> => change(slug, flags, async (r) => (await verbs()).resumeReseller(r), 'is active again.')
async function maintenance(flags: GlobalFlags & { off?: boolean }, slug: string): Promise<number> {
  if (flags.off) return resume(flags, slug)
  return change(slug, flags, async (r) => (await verbs()).startMaintenance(r), `is in maintenance. End it with: ezscale tenants maintenance ${slug} --off`)
}

async function drop(flags: GlobalFlags & { confirm?: string }, slug: string): Promise<number> {
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

export function lifecycleCommands(tenants: Command): void {
  tenants.command('create').description('open a reseller: row, database, accounts, schema, plans, welcome letter')
    .addHelpText('before', 'Examples:\n  $ ezscale tenants create --name "Acme Hosting" --host shop.acme.example --owner-name Ann --owner-email ann@acme.example\n  $ ezscale tenants create --continue acme-hosting\n')
    .option('--name <name>', 'company name').option('--slug <slug>', 'short name; made from the company name when left out').option('--host <host>', 'host name of the shop')
    .option('--owner-name <name>').option('--owner-email <address>').option('--currency <code>', 'USD, EUR or GBP').option('--time-zone <zone>', 'e.g. Europe/London').option('--tier <tier>', 'basic, pro or enterprise')
    .option('--monthly-fee <amount>', 'platform fee, e.g. 99.00').option('--discount-percent <n>').option('--commission-percent <n>').option('--billing-day <n>', '1 to 28')
    .option('--sandbox', 'its clock may be moved').option('--house', 'the platform\'s own shop').option('--continue <slug>', 'go on with an opening that failed or was cut off')
    .action(run(create))
  tenants.command('suspend').argument('<slug>').description('close a shop; its data stays').option('--reason <text>', 'shown to staff', 'suspended by command').addHelpText('before', 'Examples:\n  $ ezscale tenants suspend acme --reason "unpaid since May" --yes\n').action(run(suspend))
  tenants.command('resume-tenant').argument('<slug>').description('open a suspended shop again, or end maintenance').addHelpText('before', 'Examples:\n  $ ezscale tenants resume-tenant acme\n').action(run(resume))
  tenants.command('maintenance').argument('<slug>').description('show "back soon" to visitors; jobs wait').option('--off', 'end it').addHelpText('before', 'Examples:\n  $ ezscale tenants maintenance acme\n  $ ezscale tenants maintenance acme --off\n').action(run(maintenance))
  tenants.command('drop').argument('<slug>').description('delete database and accounts for good').option('--confirm <name>', 'the short name again').addHelpText('before', 'Examples:\n  $ ezscale tenants drop acme --confirm=acme\n').action(run(drop))
}
