/** Runs that have become expensive: each is told once, then once a day. */
import { formatDuration, formatMoney } from '../../../shared/views/format.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { UsageSession } from '../metering/usage-session.js'
import { AlertChannel } from './alert-channel.js'
import { raiseAlert } from './raise-alert.js'

const DAY_MS = 86_400_000
interface Owner { workspace_id: number; name: string; public_id: string; email: string }

/** From the timetable. A run in another currency than the shop's is compared in its own: a threshold has one number. */
export async function watchCosts(now: Date): Promise<void> {
  const channel = await AlertChannel.current()
  const most = channel?.largeCostMinor ?? null
  if (most === null || !channel?.wants('large-cost')) return
  const large = (await UsageSession.query().whereNull('stoppedAt')).filter((s) => s.cost(now).minor >= most)
  const owners = new Map((await ownersOf(large.map((s) => s.kasmWorkspaceId))).map((o) => [o.workspace_id, o]))
  for (const session of large) {
    const owner = owners.get(session.kasmWorkspaceId)
    if (!owner) continue
    const cost = session.cost(now)
    await raiseAlert({
      kind: 'large-cost', subject: `run:${session.id}`, level: 'warning', title: 'A workspace runs up a large cost', href: `/workspaces/${owner.public_id}`,
      message: `It has run for ${formatDuration(session.elapsedSeconds(now))} without a break and costs the customer ${formatMoney(cost.minor, cost.currency, currentTenant().locale)} so far.`,
      fields: { workspace: owner.name, customer: owner.email },
    }, now, DAY_MS)
  }
}

async function ownersOf(ids: readonly number[]): Promise<Owner[]> {
  return await tenantDb()('kasm_workspaces as w').join('services as s', 's.id', 'w.service_id').join('users as u', 'u.id', 'w.user_id').whereIn('w.id', [...ids])
    .select('w.id as workspace_id', 's.name', 's.public_id', 'u.email') as Owner[]
}
