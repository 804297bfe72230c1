/** What follows when a person gives up on a set-up. Read by tenant/reactions.ts. */
import { on } from '../../../shared/events/reactions.js'
import { reportTrouble } from '../report-trouble.js'
import { mailGivenUp } from './mailer.js'

export function registerFailureReactions(): void {
  on('service.provisioning-given-up', 'tell the customer', (event) => mailGivenUp(event.subjectId!, String(event.data['reason'] ?? ''), event.id))
  on('service.provisioning-given-up', 'tell the platform', (event) => reportTrouble(event.subjectId!))
}
