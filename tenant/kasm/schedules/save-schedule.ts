import { IANAZone } from 'luxon'
import { FormErrors, NotFound, refuse, Refusal } from '../../../shared/errors.js'
import { record } from '../../../shared/events/record.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { newPublicId } from '../../../shared/security/token.js'
import { clock } from '../../../shared/time/clock.js'
import { Workspace } from '../workspace.js'
import { nextOf } from './occurrences.js'
import { Schedule } from './schedule.js'
import { Turn } from './turn.js'

export interface ScheduleWish {
  /** 1 = Monday … 7 = Sunday. */
  readonly days: readonly number[]
  /** `HH:MM`; at least one of the two. */
  readonly start: string | null
  readonly stop: string | null
  readonly timeZone: string
}
const MOST = 14
const time = /^([01]\d|2[0-3]):[0-5]\d$/

/** Pure. What is wrong with it, by field. */
export function errorsIn(wish: ScheduleWish): Record<string, string> {
  const errors: Record<string, string> = {}
  if (!wish.days.length || wish.days.some((day) => !Number.isInteger(day) || day < 1 || day > 7)) errors['days'] = 'Choose at least one day.'
  for (const field of ['start', 'stop'] as const) if (wish[field] !== null && !time.test(wish[field])) errors[field] = 'Write the time as 08:30.'
  if (wish.start === null && wish.stop === null) errors['start'] = 'Choose when it starts, when it stops, or both.'
  else if (wish.start === wish.stop) errors['stop'] = 'It cannot start and stop at the same time.'
  if (!IANAZone.isValidZone(wish.timeZone)) errors['timeZone'] = 'Choose a time zone from the list.'
  return errors
}

/** A new one, or a change of the one named. It acts from the next occurrence on. Throws FormErrors (days, start, stop, timeZone). */
export async function saveSchedule(workspace: Workspace, wish: ScheduleWish, publicId: string | null = null, now = clock.now()): Promise<Schedule> {
  const errors = errorsIn(wish)
  if (Object.keys(errors).length) throw new FormErrors(errors)
  refuse(workspace.refusalToPlan(now))
  const hours = { days: [...new Set(wish.days)].sort((a, b) => a - b), startTime: wish.start, stopTime: wish.stop, timeZone: wish.timeZone }
  const next = nextOf(hours, now)
  const row = { ...hours, nextStartAt: next.start, nextStopAt: next.stop }
  return tenantTransaction(async () => {
    await Workspace.query().findById(workspace.id).forUpdate()     // two that add at once count one after the other
    const known = publicId === null ? null : await Schedule.findOwned<Schedule>({ publicId, kasmWorkspaceId: workspace.id })
    if (!known && (await Schedule.of(workspace)).length >= MOST) throw new Refusal('workspace.many-schedules', `A workspace can have ${MOST} schedules. Remove one first.`)
    const added = { ...row, publicId: newPublicId(), kasmWorkspaceId: workspace.id }
    const saved = known ? await known.$query().patchAndFetch(row) : await Schedule.query().insertAndFetch(added)
    if (known) await dropTurns(known, now)
    await record('workspace.schedule-saved', workspace, { schedule: saved.publicId, ...wish }, { userId: workspace.userId })
    return saved
  })
}

export async function deleteSchedule(workspace: Workspace, publicId: string, now = clock.now()): Promise<void> {
  await tenantTransaction(async () => {
    const schedule = await Schedule.query().findOne({ publicId, kasmWorkspaceId: workspace.id }).forUpdate()
    if (!schedule) throw new NotFound('schedule')
    await dropTurns(schedule, now)
    await Schedule.query().deleteById(schedule.id)
    await record('workspace.schedule-deleted', workspace, { schedule: publicId }, { userId: workspace.userId })
  })
}

/** What it was about to do is not wished any more. */
async function dropTurns(schedule: Schedule, now: Date): Promise<void> {
  await Turn.query().patch({ status: 'dropped', settledAt: now }).where({ kasmScheduleId: schedule.id, status: 'waiting' })
}
