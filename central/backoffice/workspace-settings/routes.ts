/** How workspaces appear to a shop's customers. */
import { Router, type Request, type Response } from 'express'
import { NotFound } from '../../../shared/errors.js'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { limit } from '../../../shared/http/rate-limit.js'
import { keepFiles } from '../../../tenant/kasm/keep-files.js'
import { saveDesktopHost } from '../../../tenant/kasm/launch/desktop-hosts.js'
import { connections } from '../../../tenant/kasm/provider/connection.js'
import { forgetProductNames, productNameSetting } from '../../../tenant/settings/product-name.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { keepingInput } from '../keep-input.js'
import { hostForm, keepForm, namesForm } from './forms.js'
import { workspaceSettings } from './pages.js'

export const workspaceSettingsDesk = Router()
const few = limit('desktop-host', { points: 20, seconds: 3600, by: (req) => String(deskOf(req).tenantId) })
interface Typed { which: 'names' | 'keep' | number; errors: Readonly<Record<string, string>>; input: Readonly<Record<string, unknown>> }

async function show(req: Request, res: Response, typed: Typed | null = null, status = 200): Promise<void> {
  const data = await atDesk(req, 'workspace settings', workspaceSettings)
  const hosts = data.hosts.map((h) => (typed?.which === h.id ? { ...h, host: typed.input['host'] ?? '', error: typed.errors['host'] ?? typed.errors['form'] } : h))
  const input = typed?.which === 'names' ? typed.input : data.input
  const keep = typed?.which === 'keep' ? { days: typed.input['days'], errors: typed.errors } : { days: data.days, errors: null }
  deskPage(req, res, 'workspace-settings/edit', { hosts, input, keep, errors: typed?.which === 'names' ? typed.errors : null, can: deskOf(req).role !== 'support' }, { title: 'Workspace settings', status })
}

workspaceSettingsDesk.get('/workspace-settings', (req, res) => show(req, res))

workspaceSettingsDesk.put('/workspace-settings/names', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => show(req, res, { which: 'names', errors, input }, status))
  const names = form(namesForm, req)
  await atDesk(req, 'name workspaces', () => productNameSetting.write(names))
  forgetProductNames()
  redirect(req, res, `${deskOf(req).base}/workspace-settings`, { flash: `Your shop speaks of ${names.name} now. Every page shows it within ten seconds.` })
})

workspaceSettingsDesk.put('/workspace-settings/kept-files', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => show(req, res, { which: 'keep', errors, input }, status))
  const { days } = form(keepForm, req)
  await atDesk(req, 'keep files of removed workspaces', () => keepFiles.write({ days }))
  redirect(req, res, `${deskOf(req).base}/workspace-settings`, { flash: days ? `Files of removed workspaces are kept for ${days} ${days === 1 ? 'day' : 'days'} from now on.` : 'Removed workspaces go at once from now on, with their files.' })
})

workspaceSettingsDesk.put('/workspace-settings/hosts/:connection', few, async (req, res) => {
  mustManage(req)
  const id = Number(req.params['connection'])
  onFormErrors(res, (errors, input, status) => show(req, res, { which: id, errors, input }, status))
  const { host } = form(hostForm, req)
  await keepingInput(req, () => atDesk(req, 'desktop host', async () => {
    const connection = (await connections()).find((c) => c.id === id)
    if (!connection) throw new NotFound('server')
    await saveDesktopHost(connection, host ?? null)
  }))
  redirect(req, res, `${deskOf(req).base}/workspace-settings`, { flash: host ? `Desktops open at ${host} now.` : 'Desktops open at the server’s own address again.' })
})
