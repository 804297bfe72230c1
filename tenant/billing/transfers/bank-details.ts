/** Paying by bank transfer: the shop's choice and the words that customers see beneath an open invoice. */
import { z } from 'zod'
import { defineSetting } from '../../settings/setting.js'
import type { Invoice } from '../invoices/invoice.js'

const line = (max: number) => z.string().max(max)
export const bankDetailsSchema = z.object({ enabled: z.boolean(), holder: line(120), iban: line(42), bic: line(15), bank: line(120), note: line(500) })
export type BankDetails = z.infer<typeof bankDetailsSchema>
export const bankDetails = defineSetting<BankDetails>('payments.bank-transfer', bankDetailsSchema, { enabled: false, holder: '', iban: '', bic: '', bank: '', note: '' })

/** ISO 13616: the check digits of an IBAN. Other account numbers (without letters in front) are taken as they are. */
export function ibanFault(text: string): string | null {
  const iban = text.replaceAll(/\s/g, '').toUpperCase()
  if (!/^[A-Z]{2}/.test(iban)) return /^[\d -]{4,34}$/.test(text) ? null : 'Enter an IBAN or an account number.'
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban)) return 'An IBAN has two letters, two digits and up to 30 letters or digits.'
  const digits = (iban.slice(4) + iban.slice(0, 4)).replaceAll(/[A-Z]/g, (c) => String(c.charCodeAt(0) - 55))
  return BigInt(digits) % 97n === 1n ? null : 'The check digits of this IBAN are wrong.'
}

export interface TransferAdvice {
  readonly rows: ReadonlyArray<{ label: string; value: string }>
  /** What the customer must write: the invoice's number. */
  readonly reference: string
  readonly note: string
}

/** How to pay this invoice by transfer; null when the shop does not offer it or nothing is due. */
export async function bankTransferOf(invoice: Invoice): Promise<TransferAdvice | null> {
  const details = await bankDetails.read()
  if (!details.enabled || invoice.refusalToPay()) return null
  const reference = invoice.label
  const rows = [['Account holder', details.holder], ['IBAN or account', details.iban], ['BIC', details.bic], ['Bank', details.bank]] as const
  return { rows: rows.filter(([, value]) => value).map(([label, value]) => ({ label, value })), reference, note: details.note }
}
