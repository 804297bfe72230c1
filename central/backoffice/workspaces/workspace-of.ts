import type { Request } from 'express'
import { KASM } from '../../../tenant/kasm/driver.js'
import { Workspace } from '../../../tenant/kasm/workspace.js'
import { Service } from '../../../tenant/services/service.js'
import { deskOf } from '../desk.js'

export interface AtDesk { readonly service: Service; readonly workspace: Workspace }

/** The one in the address. Inside the tenant; NotFound for anything else, somebody else's too. */
export async function workspaceOf(req: Request): Promise<AtDesk> {
  const service = await Service.findOwned<Service>({ publicId: String(req.params['publicId']), serviceType: KASM })
  return { service, workspace: await Workspace.findOwned<Workspace>({ serviceId: service.id }) }
}

export const hrefOf = (req: Request): string => `${deskOf(req).base}/workspaces/${String(req.params['publicId'])}`
