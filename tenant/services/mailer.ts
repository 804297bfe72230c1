/** The letters about services that staff sets up. No login stands in them: they link to the page. */
import { originOf } from '../../shared/config.js'
import { send } from '../../shared/mail/compose.js'
import { registerLetter } from '../../shared/mail/letter.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { Customer } from '../customers/customer.js'
import { typeFacts } from './manual-driver.js'
import { Service } from './service.js'

registerLetter({
  name: 'service-ready', subject: (data) => `${String(data['service'])} is ready`, view: 'tenant/mail/service-ready',
  preview: () => ({ name: 'Ada', service: 'web-1', type: 'Virtual server', link: 'https://shop.example/services/…' }),
})

/** `eventId` makes it one letter for each time that it happened. */
export async function mailReady(serviceId: number, eventId: number): Promise<void> {
  const service = await Service.findOwned<Service>({ id: serviceId })
  const customer = await Customer.findOwned<Customer>({ id: service.userId })
  await send({
    name: 'service-ready', to: { email: customer.email, name: customer.name, userId: customer.id }, key: `service-ready:${eventId}`,
    data: { name: customer.name, service: service.name, type: typeFacts(service.serviceType).name, link: `${originOf(currentTenant().primaryHost)}/services/${service.publicId}` },
  })
}
