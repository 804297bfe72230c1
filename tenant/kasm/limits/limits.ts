/** How many workspaces a customer may have, how many may run at once, and of which types: the shop's choice for everybody, or one customer's own. */
import { z } from 'zod'
import { Refusal } from '../../../shared/errors.js'
import { TenantModel } from '../../../shared/database/tenant-model.js'
import { formatCount } from '../../../shared/views/format.js'
import { defineSetting } from '../../settings/setting.js'

export const MOST = 10_000

/** Null: without a limit. */
export interface Limits {
  /** Workspaces that are kept, running or not. Removed ones whose files are still kept do not count. */
  readonly workspaces: number | null
  readonly running: number | null
  /** `developer_basic` …; an empty list allows none. */
  readonly types: readonly string[] | null
}
export interface Held {
  readonly workspaces: number
  readonly running: number
}

const many = z.number().int().min(0).max(MOST).nullable()
export const limitsSchema = z.object({ workspaces: many, running: many, types: z.array(z.string().max(32)).max(100).nullable() })
export const noLimits: Limits = { workspaces: null, running: null, types: null }

/** What holds for customers without limits of their own. */
export const defaultLimits = defineSetting<Limits>('workspaces.limits', limitsSchema, noLimits)

const no = (code: string, message: string): Refusal => new Refusal(`workspace.${code}`, message)

/** Pure. May one of this type be had, whatever the number? */
export function refusalByType(limits: Limits, type: string): Refusal | null {
  if (!limits.types || limits.types.includes(type)) return null
  return no('type-not-allowed', 'Your account cannot use this type of workspace. Choose another one, or contact support.')
}

/** Pure. May one more be kept? */
export function refusalByNumber(limits: Limits, held: Held): Refusal | null {
  if (limits.workspaces === null || held.workspaces < limits.workspaces) return null
  return no('too-many', limits.workspaces === 0 ? 'Your account cannot have workspaces. Contact support.'
    : `Your account can have ${formatCount(limits.workspaces, 'workspace')} at a time. Remove one you no longer need, or contact support.`)
}

/** Pure. May one more run? `held` does not count the one that wants to. */
export function refusalByRunning(limits: Limits, held: Held): Refusal | null {
  if (limits.running === null || held.running < limits.running) return null
  return no('too-many-running', limits.running === 0 ? 'Your account cannot run workspaces at the moment. Contact support.'
    : `Your account can run ${formatCount(limits.running, 'workspace')} at the same time. Stop one first.`)
}

/** A customer's own limits. A row replaces all defaults for them. */
export class CustomerLimits extends TenantModel {
  static override tableName = 'kasm_limits'
  static override noun = 'limit'
  static override get jsonAttributes() {
    return ['workspaceTypes']
  }

  id!: number
  userId!: number
  mostWorkspaces!: number | null
  mostRunning!: number | null
  workspaceTypes!: string[] | null
  createdAt!: Date
  updatedAt!: Date

  get limits(): Limits {
    return { workspaces: this.mostWorkspaces, running: this.mostRunning, types: this.workspaceTypes }
  }
}
