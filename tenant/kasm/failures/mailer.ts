/** The letter to a customer whose workspace will not come. */
import { originOf } from '../../../shared/config.js'
import { send } from '../../../shared/mail/compose.js'
import { registerLetter } from '../../../shared/mail/letter.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { Customer } from '../../customers/customer.js'
import { Service } from '../../services/service.js'
import { Workspace } from '../workspace.js'

registerLetter({
  name: 'workspace-given-up', subject: (data) => `Your workspace ${String(data['workspace'])} could not be set up`, view: 'tenant/mail/workspace-given-up',
  preview: () => ({ name: 'Ada', workspace: 'api-box', reason: 'This size is sold out.', link: 'https://shop.example/workspaces/plans' }),
})

/** `eventId` makes it one letter. */
export async function mailGivenUp(workspaceId: number, reason: string, eventId: number): Promise<void> {
  const workspace = await Workspace.findOwned<Workspace>({ id: workspaceId })
  const [customer, service] = [await Customer.findOwned<Customer>({ id: workspace.userId }), await Service.findOwned<Service>({ id: workspace.serviceId })]
  await send({
    name: 'workspace-given-up', to: { email: customer.email, name: customer.name, userId: customer.id }, key: `workspace-given-up:${eventId}`,
    data: { name: customer.name, workspace: service.name, reason, link: `${originOf(currentTenant().primaryHost)}/workspaces/plans` },
  })
}
