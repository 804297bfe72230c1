/** What follows from what happens to workspaces. Read by tenant/reactions.ts. */
import { on } from '../../shared/events/reactions.js'
import { alertStaff } from './alert-staff.js'
import { mailFailed, mailReady } from './mailer.js'
import { recordSession } from './wholesale-slices.js'

export function registerKasmReactions(): void {
  on('workspace.ready', 'tell the customer', (event) => mailReady(event.subjectId!, event.id))
  on('service.provisioning-failed', 'tell the customer', (event) => mailFailed(event.subjectId!, event.id))
  on('service.provisioning-failed', 'alert staff', alertStaff)
  on('workspace.start-failed', 'alert staff', alertStaff)
  on('workspace.stuck', 'alert staff', alertStaff)
  on('workspace.session-closed', 'record wholesale usage', (event) => recordSession(event.subjectId!))
}
