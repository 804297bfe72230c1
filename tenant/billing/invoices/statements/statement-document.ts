/** An account statement as page, on paper and for a spreadsheet; the same object behind all three. */
import { stringify } from 'csv-stringify/sync'
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { isoOf, localDateOf } from '../../../../shared/time/local-date.js'
import { periodText } from '../explain-line.js'
import { billedCustomer, sellerToday } from '../parties.js'
import { documentHtml, documentPdf } from '../documents/print-document.js'
import { disarmed } from '../documents/runs-csv.js'
import type { Statement } from './statement.js'

export interface StatementPage extends Statement {
  readonly periodText: string
  readonly firstDay: Date
  readonly lastDay: Date
  readonly timeZone: string
  /** What the closing balance means to the customer. */
  readonly meaning: string
}

export function statementPage(statement: Statement): StatementPage {
  const { timeZone, locale } = currentTenant()
  const { minor } = statement.closing
  const meaning = minor > 0 ? 'You owe us this amount.' : minor < 0 ? 'We hold this amount as your credit.' : 'Nothing is owed by either side.'
  return { ...statement, periodText: periodText(statement.span, { timeZone, locale }), firstDay: statement.span.start, lastDay: new Date(statement.span.end.getTime() - 1), timeZone, meaning }
}

/** Throws OutsideError (retryable) when the browser could not make it. */
export async function statementPdf(userId: number, statement: Statement): Promise<{ filename: string; content: Buffer }> {
  return documentPdf(await statementHtml(userId, statement), `statement-${dayText(statement.span.start)}`)
}

export async function statementHtml(userId: number, statement: Statement): Promise<string> {
  const { buyer } = await billedCustomer(userId)
  const shown = statementPage(statement)
  return documentHtml('invoices/statement-document', { ...shown, seller: sellerToday(), buyer }, `Account statement ${shown.periodText}`)
}

export function statementCsv(statement: Statement): string {
  const plain = (text: string, amount: string, balance: string, at: string, document = ''): string[] => [at, disarmed(text), disarmed(document), amount, balance, statement.currency]
  const rows = statement.entries.map((e) => plain(e.text, e.amount.toString(), e.balance.toString(), e.at.toISOString(), e.document ?? ''))
  const { opening, closing, span } = statement
  return stringify([
    ['Date (UTC)', 'What', 'Document', 'Amount', 'Balance', 'Currency'], plain('Opening balance', '', opening.toString(), span.start.toISOString()), ...rows, plain('Closing balance', '', closing.toString(), span.end.toISOString()),
  ], { record_delimiter: '\r\n' })
}

const dayText = (date: Date): string => isoOf(localDateOf(date, currentTenant().timeZone))
