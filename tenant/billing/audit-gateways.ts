/** Identities of what the gateways hold: the books show for each dispute exactly what its state says. */
import type { Check } from './audit-check.js'

export const gatewayChecks: readonly Check[] = [
  {
    name: 'dispute.cash', subject: 'dispute',
    sql: `select d.id, d.status, d.amount_minor, coalesce(sum(e.amount_minor), 0) as booked from disputes d
      left join (ledger_entries e join ledger_transactions t on t.id = e.transaction_id join ledger_accounts a on a.id = e.account_id and a.kind = 'cash')
        on e.payment_id = d.payment_id and t.business_key like concat('dispute:', d.id, ':%')
      group by d.id, d.status, d.amount_minor having booked <> if(d.status in ('open', 'lost'), -d.amount_minor, 0)`,
    message: (row) => `It is ${String(row['status'])} over ${String(row['amount_minor'])}, but ${String(row['booked'])} was booked out of the gateway's cash.`,
  },
  {
    name: 'gateway-fee.cash', subject: 'ledger transaction',
    sql: `select t.id, coalesce(sum(if(a.kind = 'fees', e.amount_minor, 0)), 0) as fees, coalesce(sum(if(a.kind = 'cash', e.amount_minor, 0)), 0) as cash
      from ledger_transactions t left join (ledger_entries e join ledger_accounts a on a.id = e.account_id) on e.transaction_id = t.id
      where t.business_key like 'gateway-fee:%' group by t.id having fees <> -cash or count(e.payment_id) <> count(e.id)`,
    message: (row) => `A gateway kept ${String(row['fees'])}, its cash moved by ${String(row['cash'])}, or no payment is named.`,
  },
  {
    name: 'payment-method.default', subject: 'customer',
    sql: `select user_id as id, count(*) as defaults from payment_methods where status = 'active' and is_default = 1 group by user_id having defaults > 1`,
    message: (row) => `Has ${String(row['defaults'])} default payment methods.`,
  },
]
