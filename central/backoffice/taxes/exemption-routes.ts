/** Customers who pay no tax: decide on what they asked, note it yourself, end it. */
import { Router, type Request } from 'express'
import { FormErrors } from '../../../shared/errors.js'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { clock } from '../../../shared/time/clock.js'
import { approveExemption, declineExemption, endExemption, type Decision } from '../../../tenant/billing/tax/decide-exemption.js'
import { TaxExemption } from '../../../tenant/billing/tax/exemption.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { keepingInput } from '../keep-input.js'
import { decider } from './decider.js'
import { emptyForm, exemptionForm, instantOf } from './forms.js'
import { exemptionEditor, exemptionsPage } from './pages.js'

export const exemptionRoutes = Router()
const list = (req: Request): string => `${deskOf(req).base}/taxes/exemptions`

const exemptionOf = (req: Request): Promise<TaxExemption & { email: string }> => atDesk(req, 'look at a tax exemption', async () => {
  const exemption = await TaxExemption.findOwned<TaxExemption>({ publicId: String(req.params['publicId']) })
  return Object.assign(exemption, { email: (await Customer.findOwned<Customer>({ id: exemption.userId })).email })
})

function decisionOf(req: Request): Omit<Decision, 'by'> & { email: string | undefined } {
  const { email, validFrom, validUntil, ...rest } = form(exemptionForm, req)
  const { timeZone } = deskOf(req)
  const [from, until] = [instantOf('validFrom', validFrom, timeZone)!, instantOf('validUntil', validUntil, timeZone)]
  if (until && until <= from) throw new FormErrors({ validUntil: 'It must end after it begins.' })
  return { ...rest, email, validFrom: from, validUntil: until }
}

exemptionRoutes.get('/taxes/exemptions', exemptionsPage)
exemptionRoutes.get('/taxes/exemptions/new', (req, res) => { mustManage(req); exemptionEditor(req, res, null, {}) })
exemptionRoutes.post('/taxes/exemptions', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => exemptionEditor(req, res, null, { errors, input, status }))
  await keepingInput(req, () => {
    const decision = decisionOf(req)
    return atDesk(req, 'approve a tax exemption', async () => {
      const customer = decision.email ? await Customer.withEmail(decision.email) : null
      if (!customer) throw new FormErrors({ email: 'No customer of this shop has this address.' })
      await approveExemption(customer.id, { ...decision, by: await decider() }, null)
    })
  })
  redirect(req, res, list(req), { flash: 'The exemption is approved.' })
})
exemptionRoutes.get('/taxes/exemptions/:publicId/approval', async (req, res) => { mustManage(req); exemptionEditor(req, res, await exemptionOf(req), {}) })
exemptionRoutes.put('/taxes/exemptions/:publicId/approval', async (req, res) => {
  mustManage(req)
  const asked = await exemptionOf(req)
  onFormErrors(res, (errors, input, status) => exemptionEditor(req, res, asked, { errors, input, status }))
  await keepingInput(req, () => { const decision = decisionOf(req); return atDesk(req, 'approve a tax exemption', async () => approveExemption(asked.userId, { ...decision, by: await decider() }, asked)) })
  redirect(req, res, list(req), { flash: 'The exemption is approved.' })
})
exemptionRoutes.delete('/taxes/exemptions/:publicId/approval', async (req, res) => {
  mustManage(req)
  form(emptyForm, req)
  const exemption = await exemptionOf(req)
  await atDesk(req, 'decline or end a tax exemption', async () => (exemption.status === 'asked' ? declineExemption : endExemption)(exemption, await decider(), clock.now()))
  redirect(req, res, list(req), { flash: exemption.status === 'declined' ? 'The request is declined.' : 'The exemption has ended.' })
})
exemptionRoutes.get('/taxes/exemptions/:publicId/end', async (req, res) => {
  mustManage(req)
  const exemption = await exemptionOf(req)
  const asked = exemption.status === 'asked'
  deskPage(req, res, 'taxes/confirm', {
    heading: asked ? `Decline the request of ${exemption.email}?` : `End the exemption of ${exemption.email}?`,
    text: asked ? 'The customer sees that it was declined and may ask again.' : 'Invoices from now on bear tax again.',
    action: `${list(req)}/${exemption.publicId}/approval`, verb: 'delete', label: asked ? 'Decline' : 'End exemption', back: list(req),
  }, { title: asked ? 'Decline a request' : 'End an exemption' })
})
