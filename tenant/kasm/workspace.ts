/** A customer's workspace (a little longer than other files: all its columns and all its refusals, one line each): the durable thing behind a service. A Kasm session comes and goes; the Kasm user and its profile stay. */
import type { Refusal } from '../../shared/errors.js'
import { TenantModel } from '../../shared/database/tenant-model.js'
import type { Service } from '../services/service.js'
import * as rules from './workspace-rules.js'

export type WorkspaceStatus =
  'provisioning' | 'starting' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'failed' | 'archived' | 'terminating' | 'terminated'
/** Who asked for a start. */
export type Starter = 'order' | 'customer' | 'schedule' | 'restart' | 'staff' | 'resume'
/** Why a run ended. */
export type EndReason = 'customer' | 'provider' | 'terminated' | 'suspended' | 'staff' | 'schedule' | 'idle' | 'budget' | 'restart' | 'change' | 'paused'

/** States that wait for Kasm; each has a `nextAttemptAt` and is swept by the timetable. */
export const waitingStatuses: readonly WorkspaceStatus[] = ['provisioning', 'starting', 'pausing', 'stopping', 'terminating']

export class Workspace extends TenantModel {
  static override tableName = 'kasm_workspaces'
  static override noun = 'workspace'
  static override moves = {
    provisioning: ['starting', 'running', 'failed', 'stopping', 'terminating'],
    starting: ['running', 'failed', 'stopping', 'terminating'],
    running: ['pausing', 'stopping', 'stopped', 'terminating'],
    pausing: ['paused', 'running', 'stopping', 'stopped', 'terminating'],
    paused: ['starting', 'stopping', 'stopped', 'terminating'],
    stopping: ['stopped', 'terminating'],
    stopped: ['starting', 'stopping', 'archived', 'terminating'],
    failed: ['starting', 'stopping', 'archived', 'terminating'],
    archived: ['stopped', 'terminating'],
    terminating: ['terminated'],
    terminated: [],
  } as const

  id!: number
  userId!: number
  serviceId!: number
  templateId!: number | null
  /** Slug of the plan: `developer_basic`. */
  workspaceType!: string
  providerConnectionId!: number | null
  /** Where it was ordered to stand; null: not told apart. */
  region!: string | null
  /** The Kasm session of now, or the stopped one that can be resumed; null: the next start asks for a new one. */
  kasmWorkspaceId!: string | null
  kasmUserId!: string | null
  /** When the desktop under way was asked for; for the set-up's timeline. */
  desktopAskedAt!: Date | null
  /** Our name for its user: how we find it again. */
  username!: string | null
  /** The name to sign in with, where the server chose another one. */
  loginName!: string | null
  /** Sealed; see credentials.ts. */
  passwordEncrypted!: string | null
  status!: WorkspaceStatus
  /** Fit to show to the customer; null when all is well. */
  statusMessage!: string | null
  failureCode!: string | null
  vcpu!: number
  ramMb!: number
  templateName!: string
  /** Failed tries since the last wish of the customer. */
  startAttempts!: number
  /** When the next try is due; in a try, until when the trier has it for itself. Null outside the waiting states. */
  nextAttemptAt!: Date | null
  startRequestedAt!: Date | null
  stopRequestedAt!: Date | null
  /** What follows when stopping is done. */
  nextWish!: 'start' | 'archive' | null
  /** Why it stops, or stopped last. */
  stopReason!: EndReason | null
  /** Who asked for the start under way, or for the last one. */
  startedBy!: Starter | null
  lastSeenAt!: Date | null
  provisionedAt!: Date | null
  lastStartedAt!: Date | null
  lastStoppedAt!: Date | null
  archivedAt!: Date | null
  /** Until when the files of an archived workspace are kept. */
  keepUntil!: Date | null
  expiryWarnedAt!: Date | null
  terminatedAt!: Date | null
  /** Stop it after so many minutes in which nobody used it; null: never. */
  autoStopIdleMinutes!: number | null
  /** The automatic stop that was announced; null: none is coming within a quarter of an hour. */
  stopAt!: Date | null
  stopWhy!: 'idle' | 'schedule' | null
  autoStopAnnouncedAt!: Date | null
  /** No automatic stop before this instant. */
  extendedUntil!: Date | null
  /** Since when its user may not enter at Kasm; null: it may. */
  userDisabledAt!: Date | null
  accessTryAt!: Date | null
  /** Since when its user is in the shop's group, or the server said that it has none. */
  groupJoinedAt!: Date | null
  /** Since when Kasm shows something else than this row. */
  suspectedAt!: Date | null
  /** Since when Kasm shows an ended session of it as being deleted. */
  deletingSince!: Date | null
  /** When staff was told that it hangs there. */
  deletingToldAt!: Date | null
  createdAt!: Date
  updatedAt!: Date

  get isWaiting(): boolean {
    return waitingStatuses.includes(this.status)
  }
  /** When the running, or the start under way, was wished: a restart goes on with what ran before it. */
  get wishedAt(): Date {
    return (this.startedBy === 'restart' ? this.stopRequestedAt : this.startRequestedAt) ?? this.createdAt
  }
  get isOver(): boolean {
    return this.status === 'terminating' || this.status === 'terminated'
  }

  refusalToStart(now: Date, service: Service): Refusal | null {
    return rules.toStart(this, service, now)
  }
  refusalToStop(_now: Date): Refusal | null {
    return rules.toStop(this)
  }
  /** `offered`: the server can pause (`offersPause(workspace)`). */
  refusalToPause(_now: Date, offered: boolean): Refusal | null {
    return rules.toPause(this, offered)
  }
  refusalToRestart(_now: Date, service: Service): Refusal | null {
    return rules.toRestart(this, service)
  }
  refusalToRename(_now: Date): Refusal | null {
    return rules.ended(this)
  }
  refusalToChange(_now: Date, service: Service): Refusal | null {
    return rules.toChange(this, service)
  }
  /** May its automatic stop be put off? */
  refusalToExtend(_now: Date): Refusal | null {
    return rules.toExtend(this)
  }
  /** Automatic stops and schedules: may they be set? */
  refusalToPlan(_now: Date): Refusal | null {
    return rules.toPlan(this)
  }
  refusalToArchive(_now: Date): Refusal | null {
    return rules.toArchive(this)
  }
  refusalToRestore(now: Date): Refusal | null {
    return rules.toRestore(this, now)
  }
  refusalToTerminate(_now: Date): Refusal | null {
    return rules.ended(this)
  }
  refusalToLaunch(_now: Date, service: Service): Refusal | null {
    return rules.toLaunch(this, service)
  }
  /** Staff's own stop: also of what still starts. */
  refusalToForceStop(_now: Date): Refusal | null {
    return rules.toForceStop(this)
  }
}
