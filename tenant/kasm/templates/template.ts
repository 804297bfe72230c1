/** What a customer may choose to find installed: one image for each size of plan. Central's part comes by delivery; the shop's own words stand beside it and are never overwritten. */
import { NotFound } from '../../../shared/errors.js'
import { TenantModel } from '../../../shared/database/tenant-model.js'

/** Which image it is on one connection. `offered`: new workspaces may be made from it there; running ones may be started with it either way. */
export interface TemplateImage { readonly connectionId: number; readonly imageId: string; readonly offered: boolean }
type Sized = { kasmWorkspaceType: string | null; vcpu: number | null; ramMb: number | null }

export class Template extends TenantModel {
  static override tableName = 'kasm_workspace_templates'
  static override noun = 'template'
  static override booleans = ['enabled']
  static override get jsonAttributes() {
    return ['preinstalledApps', 'images']
  }

  id!: number
  /** Central's name for it; null: only this shop knows it. */
  centralKey!: string | null
  /** Central's words. Pages show `label`, `text`, `symbol`. */
  name!: string
  description!: string
  icon!: string | null
  /** `developer` or `business`, or a plan's full type (`developer_pro`) when the image fits one size only. */
  workspaceType!: string
  /** The image on connections that `images` does not name, while it names none at all (a fresh installation). */
  kasmTemplateId!: string
  images!: readonly TemplateImage[] | null
  iconUrl!: string | null
  vcpuDefault!: number
  ramMbDefault!: number
  preinstalledApps!: string[]
  status!: 'active' | 'deprecated'
  sortOrder!: number
  /** The shop's own choices. */
  enabled!: boolean
  ownName!: string | null
  ownDescription!: string | null
  ownIcon!: string | null
  ownSortOrder!: number | null
  createdAt!: Date
  updatedAt!: Date

  get label(): string {
    return this.ownName ?? this.name
  }
  get text(): string {
    return this.ownDescription ?? this.description
  }
  /** Name of an icon of shared/views/icons.ts. */
  get symbol(): string {
    return this.ownIcon ?? this.icon ?? (this.workspaceType.startsWith('business') ? 'device-desktop' : 'code')
  }
  get order(): number {
    return this.ownSortOrder ?? this.sortOrder
  }
  /** New workspaces may be made from it. */
  get isOffered(): boolean {
    return this.enabled && this.status === 'active'
  }

  /** May a plan of this type and size be ordered with it? Kasm takes vCPU and RAM from the image, so the size must match. */
  fits(plan: Sized): boolean {
    const type = plan.kasmWorkspaceType ?? ''
    return (type === this.workspaceType || type.startsWith(`${this.workspaceType}_`)) && plan.vcpu === this.vcpuDefault && plan.ramMb === this.ramMbDefault
  }

  /** Its image on a connection, also when it is offered there no more; null where it has none. `null`: the connection of old rows, whichever it was. */
  imageOn(connectionId: number | null): string | null {
    const images = this.images ?? []
    if (images.length === 0 || connectionId === null) return images[0]?.imageId ?? this.kasmTemplateId
    return images.find((i) => i.connectionId === connectionId)?.imageId ?? null
  }

  /** May a new workspace be made from it on this connection? */
  isOfferedOn(connectionId: number): boolean {
    const images = this.images ?? []
    return this.isOffered && (images.length === 0 || images.some((i) => i.connectionId === connectionId && i.offered))
  }

  /** All in the shop's order. */
  static async inOrder(): Promise<Template[]> {
    const all = await Template.query().orderBy('id')
    return all.sort((a, b) => a.order - b.order || a.id - b.id)
  }

  /** Those on offer for a plan, in the shop's order. */
  static async offeredFor(plan: Sized): Promise<Template[]> {
    return (await Template.inOrder()).filter((t) => t.isOffered && t.fits(plan))
  }

  /** One on offer for the plan; NotFound otherwise. */
  static async offered(id: number, plan: Sized): Promise<Template> {
    const found = (await Template.offeredFor(plan)).find((t) => t.id === id)
    if (!found) throw new NotFound('template')
    return found
  }
}
