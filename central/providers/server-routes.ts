/**
 * The pages of one connection: show, test, change, switch off and on. Mounted twice: in the console for all of them, at a reseller's desk for its own.
 * Who may come here, and whose servers are found, is said by the place.
 */
import { Router, type Request, type Response } from 'express'
import { z } from 'zod'
import { form } from '../../shared/http/form.js'
import { onFormErrors, page, redirect } from '../../shared/http/page.js'
import { byAddress, limit } from '../../shared/http/rate-limit.js'
import { keepingInput } from '../backoffice/keep-input.js'
import { syncImages } from '../templates/sync-images.js'
import type { ConnectionRow } from './connection.js'
import { connectionForm } from './connection-input.js'
import { useOf } from './connection-use.js'
import { apiOptions, inputOf, presentConnection, presentTest } from './present-connection.js'
import { addConnection, adoptPower, changeConnection, switchConnection } from './save-connection.js'
import { testConnection, type TestResult } from './test-connection.js'

export interface ServerPlace {
  /** Where the addresses begin: `/servers`. */
  base(req: Request): string
  layout(req: Request): string
  /** Whose new servers are; null: the platform's. */
  tenantId(req: Request): number | null
  /** Throws NotFound, also for what belongs to somebody else. */
  find(req: Request, key: string): Promise<ConnectionRow>
  key(row: ConnectionRow): string
  /** Throws Refusal. */
  mayChange(req: Request): void
  readonly staff: boolean
}

const empty = z.object({})
const pathField = z.string().regex(/^\/(?!\/)[\w./-]{1,190}$/, 'This is not a path.').optional()
const powerForm = z.object({ stopPath: pathField, pausePath: pathField, resumePath: pathField })
/** Asking a server of somebody's choice through us is slow. */
const testLimit = limit('test-server', { points: 30, seconds: 600, by: byAddress })

export function serverRoutes(place: ServerPlace): Router {
  const routes = Router()
  const at = (req: Request, row: ConnectionRow): string => `${place.base(req)}/${place.key(row)}`
  const found = (req: Request): Promise<ConnectionRow> => place.find(req, String(req.params['server']))
  const changing = async (req: Request): Promise<ConnectionRow> => {
    const row = await found(req)
    place.mayChange(req)
    return row
  }
  const show = (req: Request, res: Response, view: string, title: string, data: object, status = 200): void =>
    page(req, res, `central/providers/${view}`, { serversAt: place.base(req), forStaff: place.staff, title, ...data }, { title, status, layout: place.layout(req) })
  const may = (req: Request): boolean => {
    try {
      place.mayChange(req)
      return true
    } catch {
      return false
    }
  }
  const crumbs = (req: Request, ...last: string[]) => [{ href: place.base(req), label: 'Workspace servers' }, ...last.map((label) => ({ label }))]
  const showOne = (req: Request, res: Response, row: ConnectionRow, tested: TestResult | null = null): void => {
    const server = presentConnection(row)
    show(req, res, 'show', server.label, { server, mayChange: may(req), own: row.tenant_id !== null, href: at(req, row), report: tested ? presentTest(tested) : null, crumbs: crumbs(req, server.label) })
  }
  const showForm = (req: Request, res: Response, row: ConnectionRow | null, input: object, errors: object = {}, status = 200): void => {
    const title = row ? `Change ${presentConnection(row).label}` : 'Connect a workspace server'
    show(req, res, 'edit', title, { input, errors, apiOptions, action: row ? at(req, row) : place.base(req), known: row !== null, backHref: row ? at(req, row) : place.base(req), crumbs: crumbs(req, title) }, status)
  }

  routes.get('/new', (req, res) => {
    place.mayChange(req)
    showForm(req, res, null, { api: 'developer' })
  })
  routes.post('/', testLimit, async (req, res) => {
    place.mayChange(req)
    onFormErrors(res, (errors, input, status) => showForm(req, res, null, input, errors, status))
    const row = await keepingInput(req, () => addConnection(form(connectionForm, req), place.tenantId(req)))
    redirect(req, res, at(req, row), { flash: 'The server is connected. Test the connection before workspaces are ordered on it.' })
  })
  routes.get('/:server', async (req, res) => showOne(req, res, await found(req)))
  routes.get('/:server/edit', async (req, res) => {
    const row = await changing(req)
    showForm(req, res, row, inputOf(row))
  })
  routes.put('/:server', testLimit, async (req, res) => {
    const row = await changing(req)
    onFormErrors(res, (errors, input, status) => showForm(req, res, row, input, errors, status))
    await keepingInput(req, () => changeConnection(row, form(connectionForm, req)))
    redirect(req, res, at(req, row), { flash: 'Saved. Test the connection to be sure.' })
  })
  routes.post('/:server/test', testLimit, async (req, res) => {
    const row = await changing(req)
    form(empty, req)
    const result = await testConnection(row)
    if (result.reachable) await syncImages(row)                     // its templates need not wait for the hour
    showOne(req, res, await found(req), result)
  })
  routes.put('/:server/power', async (req, res) => {
    const row = await changing(req)
    const { stopPath, pausePath, resumePath } = form(powerForm, req)
    await adoptPower(row, { stop: stopPath ?? null, pause: pausePath ?? null, resume: resumePath ?? null })
    redirect(req, res, at(req, row), { flash: 'Adopted. Workspaces are stopped, paused and resumed this way from now on.' })
  })
  routes.get('/:server/suspension', async (req, res) => {
    const row = await changing(req)
    const server = presentConnection(row)
    show(req, res, 'suspension', `Switch off ${server.label}`, { server, href: at(req, row), use: await useOf(row), crumbs: [{ href: place.base(req), label: 'Workspace servers' }, { href: at(req, row), label: server.label }, { label: 'Switch off' }] })
  })
  routes.post('/:server/suspension', async (req, res) => {
    const row = await changing(req)
    form(empty, req)
    await switchConnection(row, false)
    redirect(req, res, at(req, row), { flash: 'Switched off. It takes no new workspaces; those that live there go on.' })
  })
  routes.delete('/:server/suspension', async (req, res) => {
    const row = await changing(req)
    form(empty, req)
    await switchConnection(row, true)
    redirect(req, res, at(req, row), { flash: 'Switched on. It takes new workspaces again.' })
  })
  return routes
}
