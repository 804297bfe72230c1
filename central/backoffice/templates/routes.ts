/** A shop's workspace templates at the desk: which are offered, under which words, in which order. */
import { Router, type Request } from 'express'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { refusalIn } from '../../../shared/errors.js'
import { enableTemplate, labelTemplate, moveTemplate, restoreOrder } from '../../../tenant/kasm/templates/label-template.js'
import { Template } from '../../../tenant/kasm/templates/template.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { keepingInput } from '../keep-input.js'
import { emptyForm, moveForm, wordsForm } from './forms.js'
import { editPage, listPage, sizeOf } from './pages.js'

export const templateDesk = Router()
const at = '/workspace-templates'
const home = (req: Request): string => `${deskOf(req).base}${at}`
const idOf = (req: Request): number => (/^\d{1,18}$/.test(String(req.params['id'])) ? Number(req.params['id']) : 0)
const templateOf = (req: Request): Promise<Template> => atDesk(req, 'look at a template', () => Template.findOwned<Template>({ id: idOf(req) }))

templateDesk.get(at, (req, res) => listPage(req, res))
templateDesk.delete(`${at}/order`, async (req, res) => {
  mustManage(req)
  form(emptyForm, req)
  await atDesk(req, 'restore the order of templates', restoreOrder)
  redirect(req, res, home(req), { flash: 'The templates stand in the platform’s order again.' })
})
templateDesk.get(`${at}/:id`, async (req, res) => editPage(req, res, await templateOf(req)))
templateDesk.put(`${at}/:id`, async (req, res) => {
  mustManage(req)
  const template = await templateOf(req)
  onFormErrors(res, (errors, input, status) => editPage(req, res, template, { errors, input, status }))
  const { name = null, description = null, icon = null } = await keepingInput(req, () => form(wordsForm, req))
  await atDesk(req, 'label a template', () => labelTemplate(template, { name, description, icon }))
  redirect(req, res, home(req), { flash: `${name ?? template.name} is saved. Workspaces that exist keep the name they were ordered with.` })
})
templateDesk.post(`${at}/:id/position`, async (req, res) => {
  mustManage(req)
  const { way } = form(moveForm, req)
  const template = await templateOf(req)
  await atDesk(req, 'move a template', () => moveTemplate(template, way))
  redirect(req, res, home(req))
})
templateDesk.get(`${at}/:id/withdrawal`, async (req, res) => {
  mustManage(req)
  const template = await templateOf(req)
  if (!template.enabled) return redirect(req, res, home(req))
  deskPage(req, res, 'templates/withdraw', { label: template.label, size: sizeOf(template), href: home(req), id: template.id }, { title: `Offer ${template.label} no more?` })
})
templateDesk.post(`${at}/:id/withdrawal`, async (req, res) => {
  mustManage(req)
  form(emptyForm, req)
  const template = await templateOf(req)
  await atDesk(req, 'switch a template off', () => enableTemplate(template, false))
  redirect(req, res, home(req), { flash: `${template.label} is not offered any more. Workspaces that have it go on.` })
})
templateDesk.delete(`${at}/:id/withdrawal`, async (req, res) => {
  mustManage(req)
  form(emptyForm, req)
  const template = await templateOf(req)
  const refusal = await refusalIn(() => atDesk(req, 'switch a template on', () => enableTemplate(template, true)))
  redirect(req, res, home(req), { flash: refusal ? { kind: 'bad', text: refusal.message } : `${template.label} is offered again.` })
})
