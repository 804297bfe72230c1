/** Where a shop's own people hear of trouble, and of what kind. One row; none: nobody asked to be told. */
import { TenantModel } from '../../../shared/database/tenant-model.js'
import { sealed } from '../../../shared/database/sealed-column.js'

export const alertKinds = ['setup-failed', 'start-failed', 'stuck', 'server-down', 'budget', 'large-cost', 'dispute'] as const
export type AlertKind = (typeof alertKinds)[number]

export const kindWords: Readonly<Record<AlertKind, { label: string; text: string }>> = {
  'setup-failed': { label: 'Set-up failed', text: 'A workspace could not be set up and waits for a person.' },
  'start-failed': { label: 'Start failed', text: 'A workspace that was there before could not be started.' },
  stuck: { label: 'Stuck', text: 'A workspace has waited unusually long for its server.' },
  'server-down': { label: 'Server down', text: 'A server for workspaces has not answered for a while.' },
  budget: { label: 'Stopped by a budget', text: 'A customer’s budget is used up and stopped a workspace.' },
  'large-cost': { label: 'Large running cost', text: 'One run of a workspace has cost more than the amount below.' },
  dispute: { label: 'Dispute', text: 'A customer disputes a payment, and again two days before the answer is due. Unticked, a letter goes to the shop’s support address.' },
}

const NAME = 'workspaces'

export class AlertChannel extends TenantModel {
  static override tableName = 'alert_channels'
  static override get jsonAttributes() {
    return ['kinds']
  }

  id!: number
  name!: string
  /** The webhook's address is a key: whoever has it writes to the channel. */
  discordSealed!: string | null
  /** End of the webhook's number, to know it by. */
  discordHint!: string | null
  /** Why nothing is posted any more; null when all is well. */
  discordTrouble!: string | null
  email!: string | null
  kinds!: AlertKind[]
  /** In the shop's currency. */
  largeCostMinor!: number | null
  createdAt!: Date
  updatedAt!: Date

  static async current(): Promise<AlertChannel | null> {
    return (await AlertChannel.query().findOne({ name: NAME })) ?? null
  }
  static fresh(): { name: string } {
    return { name: NAME }
  }
  static seal(url: string): string {
    return sealed('alert_channels', 'discord_sealed', NAME).seal(url)
  }

  /** Opened for one call; null when there is none, or Discord said that it is gone. */
  get discordUrl(): string | null {
    return this.discordSealed && !this.discordTrouble ? sealed('alert_channels', 'discord_sealed', NAME).open(this.discordSealed) : null
  }
  /** Is there anybody to tell? */
  get reaches(): boolean {
    return this.email !== null || (this.discordSealed !== null && !this.discordTrouble)
  }
  wants(kind: AlertKind): boolean {
    return this.reaches && this.kinds.includes(kind)
  }
}
