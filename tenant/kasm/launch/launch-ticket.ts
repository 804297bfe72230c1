/**
 * The way to the desktop leads over our own host: the click makes a ticket, and fetching it answers with the fresh link, once, within a minute, to the person
 * who clicked. So no page of ours ever holds an address of the workspace server, and nothing that is kept (history, logs) opens a desktop.
 */
import { refuse, Refusal } from '../../../shared/errors.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { hashToken, newToken } from '../../../shared/security/token.js'
import { clock } from '../../../shared/time/clock.js'
import type { Service } from '../../services/service.js'
import type { Workspace } from '../workspace.js'

export const TICKET_MS = 60_000
const table = () => tenantDb()('kasm_launch_tickets')

/** The secret part of the address; only its hash is kept. Tickets that are over go. */
export async function issueTicket(workspace: Workspace, service: Service, now = clock.now()): Promise<string> {
  refuse(workspace.refusalToLaunch(now, service))
  const token = newToken()
  const real = clock.real()
  await table().where({ user_id: workspace.userId }).where('expires_at', '<', real).delete()
  await table().insert({ token_hash: hashToken(token), kasm_workspace_id: workspace.id, user_id: workspace.userId, created_at: real, expires_at: new Date(real.getTime() + TICKET_MS) })
  return token
}

/** Compare and set: of two who fetch it, one gets in. Throws Refusal for a ticket that is spent, too old, or of something else. */
export async function spendTicket(workspace: Workspace, token: string): Promise<void> {
  const real = clock.real()
  const spent = await table().where({ token_hash: hashToken(token), kasm_workspace_id: workspace.id, user_id: workspace.userId }).whereNull('used_at').where('expires_at', '>', real).update({ used_at: real })
  if (!spent) throw new Refusal('workspace.link-spent', 'This link has been used, or is older than a minute. Press “Open workspace” again.')
}
