/** What paid time that is not used any more is worth: the one answer for changes, cancellations and their previews. */
import { moneyLeft } from '../invoices/credit-notes/money-left.js'
import { isPaid, type BilledLine } from './billed-lines.js'
import { creditFor } from './proration.js'

export interface Worth {
  readonly billed: BilledLine
  /** As the line was asked for: after its discount, in the shop's way of showing tax. */
  readonly baseMinor: number
  /** With tax. */
  readonly totalMinor: number
}

/**
 * By line id, in the order given; what is worth nothing is left out. Never more than is left of a line, and together never more than is left of the money of their
 * invoice. Where less is left, earlier lines take it first.
 */
export async function worthAt(billed: readonly BilledLine[], t: Date): Promise<Map<number, Worth>> {
  const left = new Map<number, number>()
  const all = new Map<number, Worth>()
  for (const each of billed.filter(isPaid)) {
    const { invoice, line, span, takenBackTotalMinor } = each
    const money = left.get(invoice.id) ?? (await moneyLeft(invoice))
    const wanted = { baseMinor: creditFor(each, t), totalMinor: creditFor({ span, baseMinor: line.totalMinor, takenBackMinor: takenBackTotalMinor }, t) }
    const worth = wanted.totalMinor <= money ? wanted : { baseMinor: withoutTax(each, wanted.baseMinor, money), totalMinor: money }
    left.set(invoice.id, money - worth.totalMinor)
    if (worth.totalMinor > 0 && worth.baseMinor > 0) all.set(line.id, { billed: each, ...worth })
  }
  return all
}

/** The part of the line's base that, with its tax, costs no more than the money that is left. */
function withoutTax({ invoice, line }: BilledLine, baseMinor: number, money: number): number {
  const part = invoice.pricesInclusive ? money : Number((BigInt(money) * BigInt(line.netMinor)) / BigInt(line.totalMinor))
  return Math.min(baseMinor, part)
}
