/** Identities of ledger and invoices. */
import type { Check } from './audit-check.js'

/** What the lines add up to, by what they were priced at and by what they cost: both are the invoice's total. */
const listed = 'coalesce(sum(l.amount_minor - l.discount_minor + if(i.prices_inclusive, 0, l.tax_minor)), 0)'
const costs = 'coalesce(sum(l.net_minor + l.tax_minor), 0)'
/** What the ledger says is still owed on an invoice. */
const owed = `coalesce((select sum(e.amount_minor) from ledger_entries e join ledger_accounts a on a.id = e.account_id where e.invoice_id = i.id and a.kind = 'receivable'), 0)`
const expected = `case when i.status = 'open' then i.total_minor - i.paid_minor - i.credited_minor else 0 end`

export const bookChecks: readonly Check[] = [
  {
    name: 'ledger.off-balance', subject: 'ledger transaction', message: (r) => `Its entries add up to ${String(r['sum'])} instead of 0.`,
    sql: 'select e.transaction_id as id, sum(e.amount_minor) as sum from ledger_entries e join ledger_accounts a on a.id = e.account_id group by e.transaction_id, a.currency having sum(e.amount_minor) <> 0',
  },
  {
    name: 'ledger.balance', subject: 'ledger account', message: (r) => `${String(r['code'])} shows ${String(r['balance_minor'])}, its entries add up to ${String(r['sum'])}.`,
    sql: 'select a.id, a.code, a.balance_minor, coalesce(sum(e.amount_minor), 0) as sum from ledger_accounts a left join ledger_entries e on e.account_id = a.id group by a.id, a.code, a.balance_minor having coalesce(sum(e.amount_minor), 0) <> a.balance_minor',
  },
  {
    name: 'credit.negative', subject: 'customer', message: (r) => `More credit was spent than was there: ${String(r['balance_minor'])} too much.`,
    sql: `select user_id as id, balance_minor from ledger_accounts where kind = 'credit' and balance_minor > 0`,
  },
  {
    name: 'invoice.total', subject: 'invoice', message: (r) => `Total ${String(r['total_minor'])}, but lines, discount and tax give ${String(r['sum'])}.`,
    sql: `select i.id, i.total_minor, if(${listed} <> i.total_minor, ${listed}, ${costs}) as sum from invoices i left join invoice_lines l on l.invoice_id = i.id
      where i.status <> 'draft' group by i.id, i.total_minor having ${listed} <> i.total_minor or ${costs} <> i.total_minor`,
  },
  {
    name: 'invoice.ledger', subject: 'invoice', message: (r) => `It is ${String(r['status'])} with ${String(r['expected'])} left to pay, the ledger says ${String(r['owed'])}.`,
    sql: `select i.id, i.status, ${expected} as expected, ${owed} as owed from invoices i where ${owed} <> ${expected}`,
  },
  {
    name: 'invoice.paid', subject: 'invoice', message: (r) => `It is paid, but only ${String(r['got'])} of ${String(r['total_minor'])} came in.`,
    sql: `select id, total_minor, paid_minor + credited_minor as got from invoices where status = 'paid' and paid_minor + credited_minor <> total_minor`,
  },
  {
    name: 'invoice.issued', subject: 'invoice', message: (r) => `It is ${String(r['status'])} without number, date, parties or ledger entry.`,
    sql: `select i.id, i.status from invoices i where i.status in ('open', 'paid', 'uncollectible') and ((i.number is null and (i.status = 'paid' or i.proforma_number is null)) or i.issued_at is null or i.seller is null or i.buyer is null
      or not exists (select 1 from ledger_transactions t where t.business_key = concat('invoice:', i.id, ':finalised')))`,
  },
  {
    name: 'invoice.draft', subject: 'invoice', message: () => 'A draft has a number.',
    sql: `select id from invoices where status = 'draft' and number is not null`,
  },
  {
    name: 'invoice.tax', subject: 'invoice', message: (r) => `Its tax is ${String(r['tax_minor'])}, its lines have ${String(r['lines'])}.`,
    sql: `select i.id, i.tax_minor, coalesce(sum(l.tax_minor), 0) as \`lines\` from invoices i left join invoice_lines l on l.invoice_id = i.id where i.status <> 'draft'
      group by i.id, i.tax_minor having coalesce(sum(l.tax_minor), 0) <> i.tax_minor`,
  },
  {
    name: 'invoice.tax-rows', subject: 'invoice', message: (r) => `Its tax is ${String(r['tax_minor'])}, its rates add up to ${String(r['sum'])}.`,
    sql: `select i.id, i.tax_minor, sum(x.tax_minor) as sum from invoices i join invoice_taxes x on x.invoice_id = i.id where i.status <> 'draft' group by i.id, i.tax_minor having sum(x.tax_minor) <> i.tax_minor`,
  },
  {
    name: 'invoice.discount', subject: 'invoice', message: (r) => `Its discount is ${String(r['discount_minor'])}, its lines have ${String(r['lines'])}.`,
    sql: `select i.id, i.discount_minor, coalesce(sum(l.discount_minor), 0) as \`lines\` from invoices i left join invoice_lines l on l.invoice_id = i.id where i.status <> 'draft'
      group by i.id, i.discount_minor having coalesce(sum(l.discount_minor), 0) <> i.discount_minor`,
  },
  {
    name: 'line.period-twice', subject: 'subscription', message: (r) => `Its period from ${String(r['period_start'])} is billed on ${String(r['n'])} lines.`,
    sql: `select l.subscription_id as id, l.period_start, count(*) as n from invoice_lines l join invoices i on i.id = l.invoice_id where l.kind = 'recurring' and l.released_at is null and i.status <> 'void'
      and l.subscription_id is not null and l.period_start is not null group by l.subscription_id, l.period_start having count(*) > 1`,
  },
  {
    name: 'line.periods-overlap', subject: 'subscription', message: (r) => `The period from ${String(r['period_start'])} begins before the one before it ends.`,
    // What a change gave back of a line no longer counts: its period ends where its credit begins.
    sql: `select a.subscription_id as id, b.period_start from invoice_lines a join invoices ia on ia.id = a.invoice_id join invoice_lines b on b.subscription_id = a.subscription_id and b.id <> a.id
        join invoices ib on ib.id = b.invoice_id
        left join invoice_lines ca on ca.business_key = concat('sub:', a.subscription_id, ':change-credit:', a.id) and ca.released_at is null
        left join invoice_lines cb on cb.business_key = concat('sub:', b.subscription_id, ':change-credit:', b.id) and cb.released_at is null
      where a.kind = 'recurring' and b.kind = 'recurring' and a.released_at is null and b.released_at is null and ia.status <> 'void' and ib.status <> 'void' and a.period_start < b.period_start
        and coalesce(ca.period_start, a.period_end) > b.period_start and (cb.id is null or cb.period_start > b.period_start)
        and not exists (select 1 from subscriptions s where s.id = a.subscription_id and a.period_start < s.anchored_at)`,
  },
]
