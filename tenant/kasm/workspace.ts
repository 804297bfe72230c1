/** A customer's workspace: the durable thing behind a service. A Kasm session comes and goes; the Kasm user and its profile stay. */
import { Refusal } from '../../shared/errors.js'
import { TenantModel } from '../../shared/database/tenant-model.js'
import type { Service } from '../services/service.js'

export type WorkspaceStatus = 'provisioning' | 'starting' | 'running' | 'stopping' | 'stopped' | 'failed' | 'terminating' | 'terminated'

/** States that wait for Kasm; each has a `nextAttemptAt` and is swept by the timetable. */
export const waitingStatuses: readonly WorkspaceStatus[] = ['provisioning', 'starting', 'stopping', 'terminating']
const no = (code: string, message: string): Refusal => new Refusal(`workspace.${code}`, message)

export class Workspace extends TenantModel {
  static override tableName = 'kasm_workspaces'
  static override moves = {
    provisioning: ['starting', 'running', 'failed', 'terminating'],
    starting: ['running', 'failed', 'terminating'],
    running: ['stopping', 'stopped', 'terminating'],
    stopping: ['stopped', 'terminating'],
    stopped: ['starting', 'terminating'],
    failed: ['starting', 'terminating'],
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
  /** The Kasm session of now, or the stopped one that can be resumed; null: the next start asks for a new one. */
  kasmWorkspaceId!: string | null
  kasmUserId!: string | null
  username!: string | null
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
  lastSeenAt!: Date | null
  provisionedAt!: Date | null
  lastStartedAt!: Date | null
  lastStoppedAt!: Date | null
  terminatedAt!: Date | null
  createdAt!: Date
  updatedAt!: Date

  get isWaiting(): boolean {
    return waitingStatuses.includes(this.status)
  }

  refusalToStart(_now: Date, service: Service): Refusal | null {
    const unusable = service.refusalToUse()
    if (unusable) return unusable
    if (this.status === 'stopped' || (this.status === 'failed' && service.status === 'active')) return null
    if (this.status === 'failed') return no('not-set-up', 'This workspace could not be set up yet. Our team has been told and will try again.')
    if (this.status === 'stopping') return no('stopping', 'The workspace is still stopping. Start it again in a moment.')
    return this.#ended() ?? no('already-started', this.status === 'running' ? 'The workspace is already running.' : 'The workspace is already starting.')
  }

  refusalToStop(_now: Date): Refusal | null {
    if (this.status === 'running') return null
    if (this.status === 'provisioning' || this.status === 'starting') return no('starting', 'The workspace is still starting; nothing is charged yet. Stop it once it runs.')
    return this.#ended() ?? no('not-running', 'The workspace is not running.')
  }

  refusalToLaunch(_now: Date, service: Service): Refusal | null {
    const unusable = service.refusalToUse()
    if (unusable) return unusable
    if (this.status === 'running' && this.kasmWorkspaceId && this.kasmUserId) return null
    return this.#ended() ?? no('not-running', 'Start the workspace before you open it.')
  }

  refusalToTerminate(_now: Date): Refusal | null {
    return this.#ended()
  }

  #ended(): Refusal | null {
    if (this.status === 'terminating') return no('terminating', 'This workspace is being removed.')
    return this.status === 'terminated' ? no('terminated', 'This workspace has been removed.') : null
  }
}
