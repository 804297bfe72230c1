/** Lists of invoices for spreadsheets and programs: exactly the rows that the list shows, on all its pages. */
import { stringify } from 'csv-stringify/sync'
import { Money } from '../../../../shared/money/money.js'
import type { Invoice } from '../invoice.js'
import { shownStatus } from '../present-invoice.js'
import { disarmed } from './runs-csv.js'

/** Rows of one export. More are not given at once: narrow the list. */
export const mostExported = 20_000

export interface ExportedInvoice {
  number: string
  issued: string
  due: string
  paid: string
  status: string
  customer: string
  currency: string
  subtotal: string
  discount: string
  tax: string
  total: string
  paidAmount: string
  credited: string
  balance: string
}

/** Amounts are plain digits in the major unit, dates ISO in UTC. */
export function exportedInvoice(invoice: Invoice, now: Date): ExportedInvoice {
  const plain = (minor: number): string => Money.of(minor, invoice.currency).toString()
  const day = (date: Date | null): string => date?.toISOString() ?? ''
  return {
    number: invoice.label, issued: day(invoice.issuedAt), due: day(invoice.dueAt), paid: day(invoice.paidAt), status: shownStatus(invoice, now),
    customer: invoice.buyer?.company ?? invoice.buyer?.name ?? '',
    currency: invoice.currency, subtotal: plain(invoice.subtotalMinor), discount: plain(invoice.discountMinor), tax: plain(invoice.taxMinor),
    total: plain(invoice.totalMinor),
    paidAmount: plain(invoice.paidMinor), credited: plain(invoice.creditedMinor), balance: invoice.balance.toString(),
  }
}

const heads: ReadonlyArray<[keyof ExportedInvoice, string]> = [
  ['number', 'Number'], ['issued', 'Issued (UTC)'], ['due', 'Due (UTC)'], ['paid', 'Paid (UTC)'], ['status', 'State'], ['customer', 'Customer'],
  ['currency', 'Currency'], ['subtotal', 'Subtotal'], ['discount', 'Discount'],
  ['tax', 'Tax'], ['total', 'Total'], ['paidAmount', 'Paid'], ['credited', 'Credited'], ['balance', 'Left to pay'],
]

export function invoicesCsv(invoices: readonly Invoice[], now: Date): string {
  const rows = invoices.map((invoice) => exportedInvoice(invoice, now)).map((row) => heads.map(([name]) => cell(row[name])))
  return stringify([heads.map(([, label]) => label), ...rows], { record_delimiter: '\r\n' })
}

export function invoicesJson(invoices: readonly Invoice[], now: Date): { invoices: ExportedInvoice[] } {
  return { invoices: invoices.map((invoice) => exportedInvoice(invoice, now)) }
}

/** A number below zero is a number, not a formula. */
const cell = (text: string): string => (/^-\d+(\.\d+)?$/.test(text) ? text : disarmed(text))
