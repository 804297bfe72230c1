import { clock } from '../../shared/time/clock.js'
import type { Service } from '../services/service.js'
import { newSealedPassword, usernameFor } from './credentials.js'
import { nudge } from './pursue.js'
import type { Template } from './templates/template.js'
import { Workspace } from './workspace.js'

/** The server that a workspace lives on from its order to its end. */
export interface Place {
  readonly connectionId: number
  /** As the customer chose it, or where the server stands; null: not told apart. */
  readonly region: string | null
}

/**
 * The workspace behind a new service, in the open transaction; it is set up as soon as that is committed. The login is chosen now, so that no lost answer can lose it.
 * Without a place it lives on the platform's first server.
 */
export async function orderWorkspace(service: Service, plan: { slug: string; vcpu: number | null; ramMb: number | null }, template: Template, now = clock.now(), place?: Place): Promise<Workspace> {
  const workspace = await Workspace.query().insertAndFetch({
    userId: service.userId, serviceId: service.id, templateId: template.id, workspaceType: plan.slug, status: 'provisioning',
    username: usernameFor(service.publicId), passwordEncrypted: newSealedPassword(service.publicId),
    vcpu: plan.vcpu ?? template.vcpuDefault, ramMb: plan.ramMb ?? template.ramMbDefault, templateName: template.label, startAttempts: 0, startRequestedAt: now, nextAttemptAt: now,
    providerConnectionId: place?.connectionId ?? null, region: place?.region ?? null,
  })
  await nudge(workspace.id)
  return workspace
}
