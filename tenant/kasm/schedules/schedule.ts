/** When a workspace starts and stops by itself: "weekdays 8–18 in my zone". A workspace may have several. */
import type { Pojo } from 'objection'
import { TenantModel } from '../../../shared/database/tenant-model.js'
import type { Workspace } from '../workspace.js'
import type { Hours } from './occurrences.js'

export class Schedule extends TenantModel implements Hours {
  static override tableName = 'kasm_schedules'
  static override noun = 'schedule'

  id!: number
  publicId!: string
  kasmWorkspaceId!: number
  /** 1 = Monday … 7 = Sunday, in order. Kept as digits. */
  days!: number[]
  startTime!: string | null
  stopTime!: string | null
  timeZone!: string
  /** The next occurrence that nobody has taken yet; null: it has none of this kind. */
  nextStartAt!: Date | null
  nextStopAt!: Date | null
  createdAt!: Date
  updatedAt!: Date

  static of(workspace: Pick<Workspace, 'id'>): Promise<Schedule[]> {
    return Schedule.query().where({ kasmWorkspaceId: workspace.id }).orderBy('id').execute()
  }

  override $parseDatabaseJson(json: Pojo): Pojo {
    const row = super.$parseDatabaseJson(json)
    if (typeof row['days'] === 'string') row['days'] = [...row['days']].map(Number)
    return row
  }
  override $formatDatabaseJson(json: Pojo): Pojo {
    const row = super.$formatDatabaseJson(json)
    if (Array.isArray(row['days'])) row['days'] = row['days'].join('')
    return row
  }
}
