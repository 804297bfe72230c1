/** The inbox of gateway events at the desk: what came, what became of it, and doing it again. */
import { Router, type Request } from 'express'
import { form } from '../../../shared/http/form.js'
import { redirect } from '../../../shared/http/page.js'
import { replayWebhook } from '../../../tenant/billing/payments/webhooks/process-webhook.js'
import { WebhookEvent } from '../../../tenant/billing/payments/webhooks/webhook-event.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { eventBulkRoutes } from './event-bulk-routes.js'
import { eventsView, eventView } from './event-pages.js'
import { emptyForm, idOf } from './forms.js'

export const eventRoutes = Router()
eventRoutes.use(eventBulkRoutes)
const home = (req: Request): string => `${deskOf(req).base}/gateways/events`
const eventOf = (req: Request): Promise<WebhookEvent> => atDesk(req, 'look at a gateway event', () => WebhookEvent.findOwned<WebhookEvent>({ id: idOf(req.params['id']) }))

eventRoutes.get('/gateways/events', async (req, res) => {
  deskPage(req, res, 'gateways/events', { ...(await atDesk(req, 'look at gateway events', () => eventsView(req, home(req)))), mayReplay: deskOf(req).role !== 'support' }, { title: 'Gateway events' })
})
eventRoutes.get('/gateways/events/:id', async (req, res) => {
  const event = await eventOf(req)
  deskPage(req, res, 'gateways/event', { ...(await atDesk(req, 'look at a gateway event', () => eventView(event))), mayReplay: deskOf(req).role !== 'support' }, { title: event.type })
})
eventRoutes.post('/gateways/events/:id/replay', async (req, res) => {
  mustManage(req)
  form(emptyForm, req)
  const event = await eventOf(req)
  await atDesk(req, 'replay a gateway event', () => replayWebhook(event))
  redirect(req, res, `${home(req)}/${event.id}`, { flash: 'The event is worked on again. Look at this page in a moment.' })
})
