/** The console's pages of images and templates. */
import { Router, type Request, type Response } from 'express'
import { NotFound } from '../../shared/errors.js'
import { form } from '../../shared/http/form.js'
import { onFormErrors, page, redirect } from '../../shared/http/page.js'
import { formatCount } from '../../shared/views/format.js'
import { allConnections } from '../providers/connection.js'
import { keepingInput } from '../backoffice/keep-input.js'
import { changeTemplate, deprecateTemplate, makeTemplate, moveTemplate, renewTemplate, setAside } from './curate-template.js'
import { offerTemplates } from './deliver-templates.js'
import { emptyForm, factsOfForm, lookForm, moveForm, readChange } from './forms.js'
import { imagesPage } from './image-pages.js'
import { deprecationPage, editPage, listPage, newPage, type Shown } from './pages.js'
import { ProviderImage } from './provider-image.js'
import { syncAllImages, syncImages, type Synced } from './sync-images.js'
import { useOf } from './template-use.js'
import { WorkspaceTemplate } from './workspace-template.js'

export const templateRoutes = Router()
const templateOf = (req: Request): Promise<WorkspaceTemplate> => WorkspaceTemplate.findOwned<WorkspaceTemplate>({ centralKey: String(req.params['key']) })
const imageWith = (id: unknown): Promise<ProviderImage> => ProviderImage.findOwned<ProviderImage>({ id: /^\d{1,18}$/.test(String(id)) ? Number(id) : 0 })

templateRoutes.get('/templates', async (req, res) => page(req, res, 'central/templates/list', await listPage(req), { title: 'Templates' }))
templateRoutes.post('/templates/deliveries', async (req, res) => {
  form(emptyForm, req)
  const behind = await offerTemplates()
  redirect(req, res, '/templates', { flash: behind ? `${formatCount(behind, 'shop')} are being brought up to date.` : 'Every shop has the present catalogue.' })
})

templateRoutes.get('/templates/images', async (req, res) => page(req, res, 'central/templates/images', await imagesPage(req), { title: 'Images found' }))
templateRoutes.post('/templates/images/looks', async (req, res) => {
  const { connection } = form(lookForm, req)
  const row = connection === undefined ? null : (await allConnections()).find((c) => c.id === Number(connection) && c.kind === 'kasm')
  if (row === undefined) throw new NotFound('server')
  const said = sentenceOf(row ? [await syncImages(row)] : await syncAllImages())
  redirect(req, res, '/templates/images', { flash: said })
})
templateRoutes.post('/templates/images/:id/aside', async (req, res) => {
  form(emptyForm, req)
  const image = await imageWith(req.params.id)
  await setAside(image, true)
  redirect(req, res, '/templates/images', { flash: `${image.name} is set aside.` })
})
templateRoutes.delete('/templates/images/:id/aside', async (req, res) => {
  form(emptyForm, req)
  const image = await imageWith(req.params.id)
  await setAside(image, false)
  redirect(req, res, '/templates/images?state=aside', { flash: `${image.name} is among the images again.` })
})

/** What the looks found, in one sentence. */
function sentenceOf(found: readonly Synced[]): { kind: 'good' | 'bad'; text: string } | string {
  const sum = (name: 'added' | 'changed' | 'missing' | 'listed') => found.reduce((total, f) => total + f[name], 0)
  const failed = found.filter((f) => f.error !== null)
  const text = `${formatCount(sum('listed'), 'image')} found: ${sum('added')} new, ${sum('changed')} changed, ${sum('missing')} missing.`
  if (!failed.length) return text
  return { kind: 'bad', text: failed.length === found.length ? failed[0]!.error! : `${text} ${formatCount(failed.length, 'server')} could not be asked.` }
}

const showNew = (req: Request, res: Response, image: ProviderImage, shown: Shown = {}, status = 200): void => page(req, res, 'central/templates/editor', newPage(image, shown), { title: 'Make a template', status })
templateRoutes.get('/templates/new', async (req, res) => {
  if (req.query['image'] === undefined) return redirect(req, res, '/templates/images')
  showNew(req, res, await imageWith(req.query['image']))
})
templateRoutes.post('/templates', async (req, res) => {
  onFormErrors(res, async (errors, input, status) => showNew(req, res, await imageWith(input['image']), { errors, input }, status))
  const made = await keepingInput(req, async () => {
    const { facts, imageId } = factsOfForm(req)
    return makeTemplate(facts, await imageWith(imageId))
  })
  redirect(req, res, `/templates/${made.centralKey}`, { flash: `${made.name} is made. Shops offer it within minutes.` })
})

const showEdit = async (req: Request, res: Response, template: WorkspaceTemplate, shown: Shown = {}, status = 200): Promise<void> => page(req, res, 'central/templates/editor', await editPage(template, shown), { title: template.name, status })
templateRoutes.get('/templates/:key', async (req, res) => showEdit(req, res, await templateOf(req)))
templateRoutes.put('/templates/:key', async (req, res) => {
  const template = await templateOf(req)
  onFormErrors(res, async (errors, input, status) => showEdit(req, res, await templateOf(req), { errors, input }, status))
  const connectionIds = (await allConnections()).filter((c) => c.kind === 'kasm').map((c) => c.id)
  await keepingInput(req, () => {
    const { facts, images } = readChange(req, connectionIds)
    return changeTemplate(template, facts, images)
  })
  redirect(req, res, `/templates/${template.centralKey}`, { flash: 'Saved. Shops have it within minutes; what they named themselves stays.' })
})
templateRoutes.post('/templates/:key/position', async (req, res) => {
  const { way } = form(moveForm, req)
  await moveTemplate(await templateOf(req), way)
  redirect(req, res, '/templates')
})
templateRoutes.get('/templates/:key/deprecation', async (req, res) => {
  const template = await templateOf(req)
  if (template.refusalToDeprecate()) return redirect(req, res, `/templates/${template.centralKey}`)
  page(req, res, 'central/templates/deprecate', deprecationPage(template, await useOf(template.centralKey)), { title: `Deprecate ${template.name}?` })
})
templateRoutes.post('/templates/:key/deprecation', async (req, res) => {
  form(emptyForm, req)
  const template = await templateOf(req)
  await deprecateTemplate(template)
  redirect(req, res, '/templates', { flash: `${template.name} is deprecated. Workspaces that have it go on.` })
})
templateRoutes.delete('/templates/:key/deprecation', async (req, res) => {
  form(emptyForm, req)
  const template = await templateOf(req)
  await renewTemplate(template)
  redirect(req, res, `/templates/${template.centralKey}`, { flash: `${template.name} is on offer again.` })
})
