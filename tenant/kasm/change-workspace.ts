/** Another template or size: a new image with the same profile. */
import { FormErrors, refuse, type Refusal } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { hourly, type Rate } from '../../shared/money/rate.js'
import { clock } from '../../shared/time/clock.js'
import { Plan } from '../catalog/plan.js'
import type { Service } from '../services/service.js'
import { refusalToHaveType, refusalToRun } from './limits/ask-limits.js'
import { connectionOf } from './provider/connection.js'
import { refusalToSpend } from './refusal-to-spend.js'
import { Template } from './templates/template.js'
import { beginStopping, moved } from './wishes.js'
import { Workspace } from './workspace.js'

export interface ChangeWish { readonly templateId: number; readonly planId: number }
interface Size { readonly vcpu: number; readonly ramMb: number }
export interface ChangePreview {
  readonly refusal: Refusal | null
  /** It runs: the desktop restarts, the run ends, and the next one costs the new rate. */
  readonly restarts: boolean
  readonly template: { readonly from: string; readonly to: string }
  readonly plan: { readonly from: string; readonly to: string }
  readonly size: { readonly from: Size; readonly to: Size }
  /** For runs from the change on. */
  readonly rate: { readonly from: Rate; readonly to: Rate }
}

/**
 * Plans in the service's currency with the templates that fit them on the workspace's server. Its own plan is among them also when it is sold no
 * more.
 */
export async function choicesOfChange(workspace: Workspace, service: Service): Promise<Array<{ plan: Plan; templates: Template[] }>> {
  const offers = Plan.query().where({ serviceType: 'kasm_workspace', billingCycle: 'hourly', currency: service.currency })
  const plans = (await offers.orderBy(['sort_order', 'id'])).filter((plan) => plan.status === 'active' || plan.id === service.planId)
  const { id } = await connectionOf(workspace)
  const templates = (await Template.inOrder()).filter((t) => t.isOfferedOn(id) || t.id === workspace.templateId)
  return plans.map((plan) => ({ plan, templates: templates.filter((t) => t.fits(plan)) })).filter((choice) => choice.templates.length > 0)
}

/** Throws FormErrors (`plan`, `template`) for what is not among the choices. */
async function chosen(workspace: Workspace, service: Service, wish: ChangeWish): Promise<{ plan: Plan; template: Template }> {
  const choice = (await choicesOfChange(workspace, service)).find((c) => c.plan.id === wish.planId)
  if (!choice) throw new FormErrors({ plan: 'This size is not offered for this workspace. Choose another one.' })
  const template = choice.templates.find((t) => t.id === wish.templateId)
  if (!template) throw new FormErrors({ template: `This template does not fit ${choice.plan.name}. Choose another one.` })
  return { plan: choice.plan, template }
}

const isSame = (workspace: Workspace, service: Service, { plan, template }: { plan: Plan; template: Template }): boolean =>
  plan.id === service.planId && template.id === workspace.templateId
/** The plan it has keeps the price it was sold at. */
const priceOf = (service: Service, plan: Plan): number => (plan.id === service.planId ? service.priceMicros : plan.priceMicros)

async function refusalOf(workspace: Workspace, service: Service, plan: Plan, now: Date): Promise<Refusal | null> {
  const refusal = workspace.refusalToChange(now, service) ?? (plan.id === service.planId ? null : await refusalToHaveType(workspace.userId, plan, now))
  if (refusal || workspace.status !== 'running') return refusal
  return (await refusalToSpend(workspace, service, now)) ?? (await refusalToRun(workspace, now))
}

export async function previewOfChange(workspace: Workspace, service: Service, wish: ChangeWish, now = clock.now()): Promise<ChangePreview> {
  const { plan, template } = await chosen(workspace, service, wish)
  const before = await Plan.query().findById(service.planId)
  return {
    refusal: await refusalOf(workspace, service, plan, now), restarts: workspace.status === 'running',
    template: { from: workspace.templateName, to: template.label }, plan: { from: before?.name ?? workspace.workspaceType, to: plan.name },
    size: { from: { vcpu: workspace.vcpu, ramMb: workspace.ramMb }, to: sizeOf(plan, template) },
    rate: { from: hourly(service.priceMicros, service.currency), to: hourly(priceOf(service, plan), service.currency) },
  }
}

const sizeOf = (plan: Plan, template: Template): Size => ({ vcpu: plan.vcpu ?? template.vcpuDefault, ramMb: plan.ramMb ?? template.ramMbDefault })

/**
 * Changes it for all runs from now on. A running desktop restarts: its run ends at `now` at the old rate. A stopped one that still has its old disk
 * at Kasm ends it first.
 * Files stay: they belong to the profile. Choosing what it has already changes nothing.
 */
export async function changeWorkspace(workspace: Workspace, service: Service, wish: ChangeWish, now = clock.now()): Promise<void> {
  const to = await chosen(workspace, service, wish)
  refuse(workspace.refusalToChange(now, service))
  if (isSame(workspace, service, to)) return
  await tenantTransaction(async () => {
    refuse(await refusalOf(workspace, service, to.plan, now))
    await stopForIt(workspace, now)
    await writeChange(workspace, service, to)
  })
}

/** Of two changes at once one is first. */
async function stopForIt(workspace: Workspace, now: Date): Promise<void> {
  if (workspace.status === 'running') return beginStopping(workspace, 'change', now, { nextWish: 'start' })
  if (workspace.kasmWorkspaceId) return beginStopping(workspace, 'change', now)
  const current = await Workspace.query().findById(workspace.id).forUpdate()
  if (current?.status !== workspace.status || current.templateId !== workspace.templateId || current.workspaceType !== workspace.workspaceType) throw moved()
}

async function writeChange(workspace: Workspace, service: Service, { plan, template }: { plan: Plan; template: Template }): Promise<void> {
  const from = { template: workspace.templateName, type: workspace.workspaceType, priceMicros: service.priceMicros }
  const size = sizeOf(plan, template)
  await workspace.$query().patch({ templateId: template.id, templateName: template.label, workspaceType: plan.slug, ...size })
  const priceMicros = priceOf(service, plan)
  await service.$query().patch({ planId: plan.id, priceMicros })
  await record('workspace.changed', workspace, { from, to: { template: template.label, type: plan.slug, priceMicros } }, { userId: workspace.userId })
}
