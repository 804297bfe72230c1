import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import type { Service } from '../services/service.js'
import { UsageSession } from './metering/usage-session.js'
import type { KasmSession } from './provider/kasm-api.js'
import { noAutomaticStop } from './wishes.js'
import type { Starter, Workspace } from './workspace.js'

/** The meter starts here: at the moment when we see it run. Throws Refusal when another wish stands meanwhile. */
export async function settleRunning(workspace: Workspace, service: Service, session: KasmSession, message: string | null = null): Promise<void> {
  const now = clock.now()
  const first = workspace.provisionedAt === null
  const by: Starter = first ? 'order' : workspace.startedBy ?? 'customer'
  await tenantTransaction(async () => {
    await workspace.become('running', {
      kasmWorkspaceId: session.kasmId, statusMessage: message, failureCode: null, startAttempts: 0, nextAttemptAt: null,
      lastStartedAt: now, lastSeenAt: now, provisionedAt: workspace.provisionedAt ?? now,
      startedBy: by, stopReason: null, suspectedAt: null, ...noAutomaticStop,
    })
    await UsageSession.open(workspace, service, session.kasmId, by, now)
    if (service.status === 'provisioning') await service.become('active', { provisionedAt: now, nextAttemptAt: null, failureCode: null, failureReason: null })
    const facts = [{ service: service.publicId, by }, { userId: workspace.userId }] as const
    if (first) await record('workspace.ready', workspace, ...facts)
    await record('workspace.started', workspace, ...facts)
    if (by === 'resume') await record('workspace.resumed', workspace, ...facts)
    if (by === 'restart') await record('workspace.restarted', workspace, ...facts)
  })
}
