/** What follows from what happens to workspaces. Read by tenant/reactions.ts. */
import { on } from '../../shared/events/reactions.js'
import { alertStaff } from './alert-staff.js'
import { mailFailed, mailReady } from './mailer.js'
import { reportTrouble } from './report-trouble.js'
import { mailAutoStop, mailFilesGoSoon, mailForceStopped, mailNotStarted, mailRemoved, mailStartFailed } from './schedules/mailer.js'
import { recordSession } from './metering/wholesale-slices.js'

export function registerKasmReactions(): void {
  on('workspace.ready', 'tell the customer', (event) => mailReady(event.subjectId!, event.id))
  on('service.provisioning-failed', 'tell the customer', (event) => mailFailed(event.subjectId!, event.id))
  on('service.provisioning-failed', 'alert staff', alertStaff)
  for (const type of ['service.provisioning-failed', 'service.provisioning-retried', 'workspace.ready', 'workspace.terminated']) on(type, 'tell the platform', (event) => reportTrouble(event.subjectId!))
  on('workspace.start-failed', 'tell the customer', mailStartFailed)
  on('workspace.start-failed', 'alert staff', alertStaff)
  on('workspace.stuck', 'alert staff', alertStaff)
  on('workspace.archived', 'tell the customer', mailRemoved)
  on('workspace.files-go-soon', 'tell the customer', mailFilesGoSoon)
  on('workspace.auto-stop-announced', 'tell the customer', mailAutoStop)
  on('workspace.schedule-refused', 'tell the customer', mailNotStarted)
  on('workspace.force-stopped', 'tell the customer', mailForceStopped)
  on('workspace.session-closed', 'record wholesale usage', (event) => recordSession(event.subjectId!))
}
