/** What a customer may choose to find installed: one Kasm image for each size of plan. */
import { NotFound } from '../../../shared/errors.js'
import { TenantModel } from '../../../shared/database/tenant-model.js'

export class Template extends TenantModel {
  static override tableName = 'kasm_workspace_templates'
  static override get jsonAttributes() {
    return ['preinstalledApps']
  }

  id!: number
  name!: string
  description!: string
  /** `developer` or `business`, or a plan's full type (`developer_pro`) when the image fits one size only. */
  workspaceType!: string
  kasmTemplateId!: string
  iconUrl!: string | null
  vcpuDefault!: number
  ramMbDefault!: number
  preinstalledApps!: string[]
  status!: 'active' | 'deprecated'
  sortOrder!: number
  createdAt!: Date
  updatedAt!: Date

  /** May a plan of this type and size be ordered with it? Kasm takes vCPU and RAM from the image, so the size must match. */
  fits(plan: { kasmWorkspaceType: string | null; vcpu: number | null; ramMb: number | null }): boolean {
    const type = plan.kasmWorkspaceType ?? ''
    return (type === this.workspaceType || type.startsWith(`${this.workspaceType}_`)) && plan.vcpu === this.vcpuDefault && plan.ramMb === this.ramMbDefault
  }

  /** Those on offer for a plan, in the shop's order. */
  static async offeredFor(plan: { kasmWorkspaceType: string | null; vcpu: number | null; ramMb: number | null }): Promise<Template[]> {
    const all = await Template.query().where('status', 'active').orderBy(['sort_order', 'id'])
    return all.filter((t) => t.fits(plan))
  }

  /** One on offer for the plan; NotFound otherwise. */
  static async offered(id: number, plan: { kasmWorkspaceType: string | null; vcpu: number | null; ramMb: number | null }): Promise<Template> {
    const found = (await Template.offeredFor(plan)).find((t) => t.id === id)
    if (!found) throw new NotFound('template')
    return found
  }
}
