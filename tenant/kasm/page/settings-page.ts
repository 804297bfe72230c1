/** What a customer may change about a workspace, with what it is now. */
import { formatRate } from '../../../shared/views/format.js'
import { timeZoneOptions } from '../../customers/places.js'
import type { Customer } from '../../customers/customer.js'
import type { Service } from '../../services/service.js'
import { choicesOfChange } from '../change-workspace.js'
import { keepFiles } from '../keep-files.js'
import { refusalToIdleStop } from '../schedules/idle-stop.js'
import { nextOf } from '../schedules/occurrences.js'
import { Schedule } from '../schedules/schedule.js'
import type { Workspace } from '../workspace.js'
import { actionsOf, type Actions } from './actions.js'
import { frameOf, type WorkspaceFrame } from './frame.js'

const dayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const
export const idleChoices = [['0', 'Never'], ['30', 'After 30 minutes'], ['60', 'After 1 hour'], ['120', 'After 2 hours'], ['240', 'After 4 hours'], ['480', 'After 8 hours']] as const

export interface ScheduleView { publicId: string; text: string; zone: string; nextStart: Date | null; nextStop: Date | null }
export interface SettingsPage extends WorkspaceFrame {
  can: Actions
  /** Which form the errors belong to. */
  form: 'name' | 'schedule' | 'auto-stop' | null
  errors: Readonly<Record<string, string>> | null
  input: Record<string, unknown>
  size: { plan: string; template: string; facts: string }
  idle: { options: Array<{ value: string; label: string }>; value: string; refusal: string | null }
  schedules: ScheduleView[]
  days: Array<{ name: string; label: string; checked: boolean }>
  zones: Array<{ value: string; label: string }>
  keepDays: number
}
export interface Typed { form: NonNullable<SettingsPage['form']>; errors: Readonly<Record<string, string>>; input: Readonly<Record<string, unknown>> }

/** `1,2,3,4,5` → `Weekdays`. Pure. */
export function daysText(days: readonly number[]): string {
  const key = [...days].sort((a, b) => a - b).join('')
  const named: Record<string, string> = { 12345: 'Weekdays', 67: 'Weekends', 1234567: 'Every day' }
  return named[key] ?? [...days].sort((a, b) => a - b).map((n) => dayNames[n - 1]).join(', ')
}

export function scheduleText({ days, startTime, stopTime }: Pick<Schedule, 'days' | 'startTime' | 'stopTime'>): string {
  const when = startTime && stopTime ? `${startTime}–${stopTime}` : startTime ? `start at ${startTime}` : `stop at ${stopTime}`
  return `${daysText(days)} ${when}`
}

export async function settingsPage(service: Service, workspace: Workspace, customer: Customer, now: Date, typed: Typed | null = null): Promise<SettingsPage> {
  const can = await actionsOf(service, workspace, now)
  const refusal = can.plan ? await refusalToIdleStop(workspace) : null
  const schedules = await Schedule.of(workspace)
  const fresh = { name: service.name, timeZone: customer.timeZone, start: '08:00', stop: '18:00', day1: 'on', day2: 'on', day3: 'on', day4: 'on', day5: 'on' }
  const input: Record<string, unknown> = { ...fresh, ...(typed?.form === 'schedule' ? { day1: null, day2: null, day3: null, day4: null, day5: null } : {}), ...typed?.input }
  return {
    ...frameOf(service, workspace, 'settings'), can, form: typed?.form ?? null, errors: typed?.errors ?? null, input,
    size: { plan: workspace.workspaceType, template: workspace.templateName, facts: `${workspace.vcpu} vCPU · ${workspace.ramMb / 1024} GB RAM · ${formatRate({ micros: service.priceMicros, currency: service.currency, per: 'hour' }, customer.locale)}` },
    idle: { options: idleChoices.map(([value, label]) => ({ value, label })), value: String(workspace.autoStopIdleMinutes ?? 0), refusal: refusal?.message ?? null },
    schedules: schedules.map((s) => { const next = nextOf(s, now); return { publicId: s.publicId, text: scheduleText(s), zone: s.timeZone.replaceAll('_', ' '), nextStart: next.start, nextStop: next.stop } }),
    days: dayNames.map((label, i) => ({ name: `day${i + 1}`, label, checked: input[`day${i + 1}`] === 'on' })), zones: timeZoneOptions(), keepDays: (await keepFiles.read()).days,
  }
}

export interface ChangePage extends WorkspaceFrame {
  groups: Array<{ plan: string; current: boolean; price: string; size: string; options: Array<{ value: string; label: string; text: string; current: boolean }> }>
  error: string | null
}

/** The sizes and templates to choose from: what is chosen is looked at on the next page. */
export async function changePage(service: Service, workspace: Workspace, customer: Customer, error: string | null = null): Promise<ChangePage> {
  const choices = await choicesOfChange(workspace, service)
  return {
    ...frameOf(service, workspace, 'settings'), error,
    groups: choices.filter((c) => c.templates.length).map(({ plan, templates }) => ({
      plan: plan.name, current: plan.id === service.planId, price: formatRate({ micros: plan.id === service.planId ? service.priceMicros : plan.priceMicros, currency: plan.currency, per: 'hour' }, customer.locale), size: `${plan.vcpu} vCPU · ${(plan.ramMb ?? 0) / 1024} GB RAM`,
      options: templates.map((t) => ({ value: `${plan.id}:${t.id}`, label: t.label, text: t.text, current: plan.id === service.planId && t.id === workspace.templateId })),
    })),
  }
}
