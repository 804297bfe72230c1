/** One thing a customer was told in the app. Never changed afterwards but for being read. */
import { TenantModel } from '../../shared/database/tenant-model.js'

export class Notification extends TenantModel {
  static override tableName = 'notifications'
  static override timestamps = ['createdAt'] as const

  id!: number
  publicId!: string
  userId!: number
  type!: string
  /** What it is about, once: `workspace.ready:812`. */
  businessKey!: string
  /** One sentence without a full stop. */
  title!: string
  body!: string | null
  /** A path of the shop; null where there is nothing to see. */
  href!: string | null
  createdAt!: Date
  readAt!: Date | null

  static async unreadOf(userId: number): Promise<number> {
    return Notification.query().where({ userId }).whereNull('readAt').resultSize()
  }
}
