/** Takes down a customer's tax number. Form and check digits are known at once; whether it exists, VIES says later, and until then the normal rate applies. */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { FormErrors, NotFound, refuse } from '../../../shared/errors.js'
import { record } from '../../../shared/events/record.js'
import { clock } from '../../../shared/time/clock.js'
import { readVatNumber, type VatNumber } from '../../../shared/vat/vat-number.js'
import { checkTaxNumber } from './check-job.js'
import { isMemberState } from './eu.js'
import { TaxNumber } from './tax-number.js'
import { TaxRegistration } from './tax-registration.js'

/**
 * `country`: where the customer is, when their profile does not say it yet. A number of null or '' is taken back. Joins an open transaction. The same number
 * again changes nothing, unless it was refused: then it is asked anew. Throws FormErrors `taxId`.
 */
export async function registerTaxId(userId: number, given: { readonly number: string | null; readonly country?: string | null }, now = clock.now()): Promise<void> {
  const typed = given.number?.trim() ?? ''
  const country = given.country ?? (await tenantDb()('users').where({ id: userId }).first<{ country: string | null } | undefined>('country'))?.country ?? null
  const read = typed ? readVatNumber(typed, country) : null
  if (read && 'fault' in read) throw new FormErrors({ taxId: read.fault }, { taxId: typed })
  await tenantTransaction(async (trx) => {
    await trx('users').where({ id: userId }).forUpdate().first('id')
    const known = await TaxNumber.of(userId)
    if ((known?.number ?? null) === (read?.number ?? null) && known?.status !== 'invalid') return
    await trx('users').where({ id: userId }).update({ tax_id: read?.number ?? null, updated_at: now })
    if (read) await keep(userId, known, read, now)
    else await TaxNumber.query().delete().where({ userId })
    await record('tax-number.registered', { type: 'users', id: userId }, { number: read?.number ?? null }, { userId })
  })
}

async function keep(userId: number, known: TaxNumber | null, { country, number, european }: VatNumber, now: Date): Promise<void> {
  const ask = european && await asksVies(now)
  const fresh = {
    country, number, status: ask ? 'pending' as const : 'unchecked' as const, attempts: 0, nextCheckAt: ask ? now : null, checkedAt: null,
    validSince: null, holderName: null, holderAddress: null, proofId: null,
  }
  if (known) await known.$query().patch(fresh)
  else await TaxNumber.query().insert({ userId, ...fresh })
  if (ask) await checkTaxNumber.enqueue({ userId }, { key: `tax-number:${userId}` })
}

/** Staff want to know now: asked at once, whenever it would have been due. Throws Refusal. */
export async function askAgain(userId: number, now: Date): Promise<void> {
  const number = await TaxNumber.of(userId)
  if (!number) throw new NotFound('tax number')
  refuse(number.refusalToAsk(now))
  await number.$query().patch({ nextCheckAt: now })
  await checkTaxNumber.enqueue({ userId }, { key: `tax-number:${userId}` })
}

/** Numbers are sent to VIES only by a shop whose taxes depend on the answer. */
export async function asksVies(now: Date): Promise<boolean> {
  return (await TaxRegistration.validAt(now)).some((registration) => registration.kind === 'oss' || isMemberState(registration.country))
}

/** After the shop's first European registration: numbers that nobody asked about are asked about now. */
export async function askAboutKept(now: Date): Promise<void> {
  if (!(await asksVies(now))) return
  for (const kept of await TaxNumber.query().where({ status: 'unchecked' })) {
    if (isMemberState(kept.country)) await kept.$query().patch({ status: 'pending', attempts: 0, nextCheckAt: now })
  }
}
