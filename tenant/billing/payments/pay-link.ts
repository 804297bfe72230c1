/** A link that shows one invoice and lets it be paid without signing in. The table holds the hash only; the link itself stands in one letter, whose text is forgotten once sent. */
import type { Knex } from 'knex'
import { originOf } from '../../../shared/config.js'
import { TenantModel } from '../../../shared/database/tenant-model.js'
import { NotFound } from '../../../shared/errors.js'
import { hashToken, newToken } from '../../../shared/security/token.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { clock } from '../../../shared/time/clock.js'
import type { Invoice } from '../invoices/invoice.js'

/** How long a link opens its invoice. */
const LINK_LIFE = 30 * 86_400_000

export class PayLink extends TenantModel {
  static override tableName = 'pay_links'
  static override timestamps = ['createdAt'] as const
  declare id: number
  declare tokenHash: string
  declare invoiceId: number
  declare userId: number
  declare expiresAt: Date
  declare createdAt: Date

  /** The link of this token. NotFound when it never was, belongs to another shop, or is over. */
  static async open(token: string, now: Date): Promise<PayLink> {
    const link = /^[\w-]{43}$/.test(token) ? await PayLink.query().findOne({ tokenHash: hashToken(token) }) : undefined
    if (!link || link.expiresAt <= now) throw new NotFound('link')
    return link
  }
}

/** A fresh link as a whole address, for letters registered with `secret: true` only. Earlier links of the invoice go on working until they end. */
export async function issuePayLink(_trx: Knex.Transaction, invoice: Pick<Invoice, 'id' | 'userId'>, now = clock.now()): Promise<string> {
  const token = newToken()
  await PayLink.query().insert({ tokenHash: hashToken(token), invoiceId: invoice.id, userId: invoice.userId, expiresAt: new Date(now.getTime() + LINK_LIFE), createdAt: now })
  return `${originOf(currentTenant().primaryHost)}/pay/${token}`
}

/** Links that ended leave no trace after a month. */
export async function sweepPayLinks(now: Date): Promise<void> {
  await PayLink.query().where('expiresAt', '<', new Date(now.getTime() - LINK_LIFE)).delete()
}
