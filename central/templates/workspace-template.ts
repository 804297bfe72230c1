/** What EZSCALE has curated: one image (or one on each server) in one size, with the words and the icon that shops show. */
import { CentralModel } from '../../shared/database/central-model.js'
import { Refusal } from '../../shared/errors.js'

export type TemplateType = 'developer' | 'business'
/** vCPU and memory come from the image: a server knows no other way to size a desktop. */
export interface Size { readonly vcpu: number; readonly ramMb: number }

export class WorkspaceTemplate extends CentralModel {
  static override tableName = 'workspace_templates'
  static override jsonAttributes = ['preinstalledApps']
  declare id: number
  /** Never changes: shops know the template by it. */
  declare centralKey: string
  declare name: string
  declare description: string
  declare workspaceType: TemplateType
  declare vcpu: number
  declare ramMb: number
  declare preinstalledApps: string[]
  /** Name of an icon of shared/views/icons.ts. */
  declare icon: string
  declare sortOrder: number
  /** `deprecated`: sold no more; who has it keeps it. */
  declare status: 'active' | 'deprecated'
  /** Id that the image has on the server of a fresh installation: such images link themselves. */
  declare seedImageId: string | null
  declare createdAt: Date
  declare updatedAt: Date

  get sizeText(): string {
    return sizeText(this)
  }
  refusalToDeprecate(): Refusal | null {
    return this.status === 'active' ? null : new Refusal('template.deprecated', 'This template is deprecated already.')
  }
  refusalToRenew(): Refusal | null {
    return this.status === 'deprecated' ? null : new Refusal('template.active', 'This template is on offer already.')
  }

  static inOrder(): Promise<WorkspaceTemplate[]> {
    return WorkspaceTemplate.query().orderBy(['sortOrder', 'id']).execute()
  }
}

/** `2 vCPU, 4 GB`. */
export const sizeText = ({ vcpu, ramMb }: Size): string => `${vcpu} vCPU, ${ramMb % 1024 === 0 ? `${ramMb / 1024} GB` : `${ramMb} MB`}`

/** Which image a template is on one connection. */
export class TemplateLink extends CentralModel {
  static override tableName = 'workspace_template_images'
  declare id: number
  declare templateId: number
  declare providerConnectionId: number
  declare providerImageId: number
  declare createdAt: Date
  declare updatedAt: Date
}
