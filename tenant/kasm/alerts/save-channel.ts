import { webhookId } from '../../../shared/alerts/discord.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { FormErrors } from '../../../shared/errors.js'
import { record } from '../../../shared/events/record.js'
import { AlertChannel, type AlertKind } from './alert-channel.js'

export interface ChannelWish {
  /** A new webhook; undefined keeps the one that is there, null removes it. */
  readonly webhook: string | null | undefined
  readonly email: string | null
  readonly kinds: readonly AlertKind[]
  readonly largeCostMinor: number | null
}

/** Only Discord's own webhook addresses are taken: any other would let a shop call servers in our name. Throws FormErrors (`webhook_secret`). */
export async function saveChannel({ webhook, email, kinds, largeCostMinor }: ChannelWish): Promise<void> {
  const id = webhook ? webhookId(webhook) : null
  if (webhook && !id) throw new FormErrors({ webhook_secret: 'Enter the whole address that Discord shows for the webhook: https://discord.com/api/webhooks/…' })
  const discord = webhook === undefined ? {} : { discordSealed: webhook && AlertChannel.seal(webhook), discordHint: id && `…${id.slice(-4)}`, discordTrouble: null }
  await tenantTransaction(async () => {
    const known = await AlertChannel.current()
    const columns = { email, kinds: [...kinds], largeCostMinor, ...discord }
    const channel = known ? await known.$query().patchAndFetch(columns) : await AlertChannel.query().insertAndFetch({ ...AlertChannel.fresh(), ...columns })
    await record('settings.alerts-changed', channel, { email, kinds, largeCostMinor, webhook: webhook === undefined ? 'kept' : webhook ? 'changed' : 'removed' })
  })
}
