/** Reads what staff pasted from the bank: comma, semicolon or tab between columns, a first line that names them, dates and amounts as banks write them. Pure. */
import { createHash } from 'node:crypto'
import { amountOrWhy, codeIn } from './read-amount.js'

export interface StatementLine {
  readonly line: number
  readonly receivedOn: string
  readonly amountMinor: number
  readonly payer: string
  readonly reference: string
  readonly key: string
}
export interface Statement {
  readonly lines: readonly StatementLine[]
  /** Lines that could not be read, or that are no incoming money; with the reason. */
  readonly skipped: ReadonlyArray<{ line: number; why: string }>
}

const names = { date: /date|datum|buchung|booked|fecha/i, amount: /amount|betrag|umsatz|value|credit|importe|montant/i, payer: /payer|name|sender|auftraggeber|from|debtor|ordenante/i, reference: /reference|purpose|verwendungszweck|description|details|memo|text|concepto/i }
type Column = keyof typeof names
/** Not every bank has this one. */
const currencyName = /currency|w(ä|ae)hrung|^ccy|^curr|divisa|moneda|devise/i
type Columns = Record<Column, number> & { readonly currency: number; readonly heading: string | null }

/** RFC 4180: quotes, doubled quotes, line breaks within quotes. */
export function splitCsv(text: string, separator: string): string[][] {
  const rows: string[][] = [[]]
  let [field, quoted] = ['', false]
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (quoted) {
      if (c !== '"') field += c
      else if (text[i + 1] === '"') field += text[++i]!
      else quoted = false
    } else if (c === '"' && field === '') quoted = true
    else if (c === separator || c === '\n') {
      rows.at(-1)!.push(field.trim())
      field = ''
      if (c === '\n') rows.push([])
    } else if (c !== '\r') field += c
  }
  rows.at(-1)!.push(field.trim())
  return rows
}

const separatorOf = (header: string): string => [';', '\t', ','].sort((a, b) => header.split(b).length - header.split(a).length)[0]!

/** `2026-11-05`, `05.11.2026`, `05/11/2026` (day first). Null when it is no day. */
export function readDate(text: string): string | null {
  const iso = /^(\d{4})-(\d{2})-(\d{2})/.exec(text)
  const local = /^(\d{1,2})[./](\d{1,2})[./](\d{4}|\d{2})$/.exec(text)
  const [y, m, d] = iso ? [iso[1]!, iso[2]!, iso[3]!] : local ? [local[3]!.padStart(4, '20'), local[2]!.padStart(2, '0'), local[1]!.padStart(2, '0')] : ['', '', '']
  const date = new Date(`${y}-${m}-${d}T00:00:00Z`)
  return !y || Number.isNaN(date.getTime()) || date.getUTCDate() !== Number(d) ? null : `${y}-${m}-${d}`
}

/** `currency`: of the account; lines in another one are skipped. Throws RangeError with a sentence when the columns cannot be told. */
export function readStatement(text: string, currency: string): Statement {
  const [header = '', ] = text.trim().split('\n')
  const rows = splitCsv(text.trim(), separatorOf(header))
  const own = rows[0]!.findIndex((name) => currencyName.test(name))
  const at = (column: Column): number => rows[0]!.findIndex((name, i) => i !== own && names[column].test(name))
  const found = { date: at('date'), amount: at('amount'), payer: at('payer'), reference: at('reference') }
  const missing = (Object.keys(found) as Column[]).find((column) => found[column] < 0)
  if (missing) throw new RangeError(`The first line must name the columns. There is none for the ${missing}.`)
  const columns: Columns = { ...found, currency: own, heading: codeIn(rows[0]![found.amount]!) }
  const [lines, skipped, seen]: [StatementLine[], Array<{ line: number; why: string }>, Map<string, number>] = [[], [], new Map()]
  for (const [index, row] of rows.entries()) {
    if (index === 0 || row.every((cell) => !cell)) continue
    const read = readRow(row, columns, currency)
    if (typeof read === 'string') skipped.push({ line: index + 1, why: read })
    else lines.push({ ...read, line: index + 1, key: keyOf(read, seen) })
  }
  return { lines, skipped }
}

function readRow(row: readonly string[], columns: Columns, currency: string): Omit<StatementLine, 'line' | 'key'> | string {
  const [receivedOn, amount] = [readDate(row[columns.date] ?? ''), amountOrWhy(row[columns.amount] ?? '', currency)]
  const code = (row[columns.currency] || columns.heading)?.toUpperCase()
  if (!receivedOn) return `"${row[columns.date] ?? ''}" is not a day.`
  if (code && code !== currency) return `This line is in ${code}, the account in ${currency}.`
  if (typeof amount === 'string') return amount
  if (!amount.isPositive()) return 'No money came in.'
  return { receivedOn, amountMinor: amount.minor, payer: (row[columns.payer] ?? '').slice(0, 140), reference: (row[columns.reference] ?? '').slice(0, 255) }
}

/** Two equal lines of one statement are two transfers; the same statement again is none. */
function keyOf(read: Omit<StatementLine, 'line' | 'key'>, seen: Map<string, number>): string {
  const plain = [read.receivedOn, read.amountMinor, read.payer, read.reference].join('|')
  const n = (seen.get(plain) ?? 0) + 1
  seen.set(plain, n)
  return `csv:${createHash('sha256').update(`${plain}|${n}`).digest('hex').slice(0, 60)}`
}
