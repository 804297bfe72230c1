/** A workspace of the person who asks, and how its buttons answer. Somebody else's does not exist. */
import type { Request, Response } from 'express'
import { OutsideError, Refusal } from '../../../shared/errors.js'
import { form } from '../../../shared/http/form.js'
import { fragment, redirect } from '../../../shared/http/page.js'
import { limit } from '../../../shared/http/rate-limit.js'
import { wantsFragment } from '../../../shared/http/request.js'
import { clock } from '../../../shared/time/clock.js'
import { userOf } from '../../customers/guard.js'
import { Service } from '../../services/service.js'
import { button } from '../forms.js'
import { workspacePage } from './overview-page.js'
import { Workspace } from '../workspace.js'

export interface Ours { service: Service; workspace: Workspace; href: string }
export const at = '/services/:publicId'
export const power = limit('workspace-power', { points: 30, seconds: 300, by: (req) => `user:${userOf(req).id}` })

export async function ours(req: Request): Promise<Ours> {
  const service = await Service.findOwned<Service>({ publicId: String(req.params['publicId']), userId: userOf(req).id, serviceType: 'kasm_workspace' })
  return { service, workspace: await Workspace.findOwned<Workspace>({ serviceId: service.id }), href: `/services/${service.publicId}` }
}

/** The sentence of a refusal, or of a server that does not answer; anything else is thrown on. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Refusal) return error.message
  if (error instanceof OutsideError) return 'The workspace server does not answer just now. Nothing was changed; try again in a moment.'
  throw error
}

/** Does it and shows how things stand now; a refusal is said on the same page. `done`: what a page without scripts says. */
export async function act(req: Request, res: Response, deed: (own: Ours) => Promise<unknown>, done?: string): Promise<void> {
  form(button, req)
  await settle(req, res, deed, done)
}

/** As `act`, after the form was read. */
export async function settle(req: Request, res: Response, deed: (own: Ours) => Promise<unknown>, done?: string): Promise<void> {
  const own = await ours(req)
  const said = await deed(own).then(() => null, sentenceOf)
  if (!wantsFragment(req)) return redirect(req, res, own.href, said ? { flash: { kind: 'bad', text: said } } : done ? { flash: done } : {})
  const now = await ours(req)
  fragment(req, res, 'tenant/kasm/_overview', { ...(await workspacePage(now.service, now.workspace, clock.now())), said })
}
