/** One occurrence of a schedule that is being worked off: there is one for each schedule, kind and instant, however many workers look. */
import { TenantModel } from '../../../shared/database/tenant-model.js'

export class Turn extends TenantModel {
  static override tableName = 'kasm_schedule_turns'
  static override noun = 'turn'
  static override timestamps = ['createdAt'] as const

  id!: number
  kasmWorkspaceId!: number
  kasmScheduleId!: number
  kind!: 'start' | 'stop'
  at!: Date
  /** A start is done before this instant or not at all; a stop (null) always. */
  until!: Date | null
  /** `skipped`: there was nothing to do. `missed`: nobody came in time. `refused`: see note. `dropped`: the schedule was changed or deleted. */
  status!: 'waiting' | 'done' | 'skipped' | 'missed' | 'refused' | 'dropped'
  note!: string | null
  settledAt!: Date | null
  createdAt!: Date

  /** In the open transaction. False: somebody settled it before. */
  async settle(status: Turn['status'], now: Date, note: string | null = null): Promise<boolean> {
    return (await Turn.query().patch({ status, note, settledAt: now }).where({ id: this.id, status: 'waiting' })) > 0
  }
}
