/** Identities between meter and bill. They read the meter's tables, which nothing else in billing does. */
import { begunIncrements } from '../../shared/database/begun-increments.js'
import type { Check } from './audit-check.js'

/** Seconds of a run (`k`) that corrections took back from invoices. */
const takenBack = '(select coalesce(sum(c.credited_seconds), 0) from kasm_usage_corrections c where c.kasm_usage_session_id = k.id)'

const begun = begunIncrements('k.started_at', 'k.stopped_at', 900)

export const usageChecks: readonly Check[] = [
  {
    name: 'usage.billed-twice', subject: 'run', message: (r) => `Billed ${String(r['billed'])} s less what was taken back, metered ${String(r['metered'])} s.`,
    sql: `select k.id, coalesce(sum(s.billed_seconds), 0) - ${takenBack} as billed, k.duration_billable_seconds as metered from kasm_usage_sessions k join kasm_billed_slices s on s.kasm_usage_session_id = k.id
      where k.stopped_at is not null group by k.id, k.duration_billable_seconds having billed > metered`,
  },
  {
    name: 'usage.slices', subject: 'run', message: (r) => `It remembers ${String(r['billed_seconds'])} billed seconds, its slices less its corrections add up to ${String(r['total'])}.`,
    sql: `select k.id, k.billed_seconds, coalesce(sum(s.billed_seconds), 0) - ${takenBack} as total from kasm_usage_sessions k left join kasm_billed_slices s on s.kasm_usage_session_id = k.id
      group by k.id, k.billed_seconds having total <> k.billed_seconds`,
  },
  {
    name: 'usage.correction', subject: 'correction', message: (r) => `It gave back ${String(r['credited_seconds'])} s, its parts add up to ${String(r['total'])} s; they come to ${String(r['amount'])}, its credit notes to ${String(r['noted'])}.`,
    sql: `select c.id, c.credited_seconds, coalesce(sum(p.seconds), 0) as total, coalesce(sum(p.amount_minor), 0) as amount,
        (select coalesce(sum(n.total_minor), 0) from credit_notes n where n.business_key like concat('usage-correction:', c.id, ':%')) as noted
      from kasm_usage_corrections c left join kasm_correction_parts p on p.kasm_usage_correction_id = c.id group by c.id, c.credited_seconds having total <> c.credited_seconds or noted <> amount`,
  },
  {
    name: 'usage.corrected', subject: 'run', message: () => 'It does not end where its last correction has put it.',
    sql: `select k.id from kasm_usage_sessions k join kasm_usage_corrections c on c.kasm_usage_session_id = k.id
      where c.position = (select max(x.position) from kasm_usage_corrections x where x.kasm_usage_session_id = k.id) and (k.stopped_at <> c.stopped_after or k.duration_billable_seconds <> c.billable_after)`,
  },
  {
    name: 'usage.begun', subject: 'run', message: (r) => `Its quarter hours come to ${String(r['begun'])} s, it was closed with ${String(r['duration_billable_seconds'])} s, and nobody noted a time that was not seen.`,
    sql: `select k.id, k.duration_billable_seconds, ${begun} as begun from kasm_usage_sessions k where k.stopped_at is not null and k.duration_billable_seconds <> ${begun}
      and (k.duration_billable_seconds > ${begun} or not exists (select 1 from kasm_usage_gaps g where g.kasm_usage_session_id = k.id))`,
  },
  {
    name: 'usage.line', subject: 'invoice line', message: (r) => `It bills ${String(r['quantity_seconds'])} s, its runs add up to ${String(r['sum'])} s.`,
    sql: `select l.id, l.quantity_seconds, coalesce(sum(s.billed_seconds), 0) as sum from invoice_lines l left join kasm_billed_slices s on s.invoice_line_id = l.id
      where l.kind = 'usage' and l.released_at is null group by l.id, l.quantity_seconds having coalesce(sum(s.billed_seconds), 0) <> l.quantity_seconds`,
  },
  {
    name: 'usage.line-amount', subject: 'invoice line', message: (r) => `${String(r['quantity_seconds'])} s at ${String(r['rate_micros'])} micro-units an hour are not ${String(r['amount_minor'])} minor units.`,
    sql: `select l.id, l.quantity_seconds, l.rate_micros, l.amount_minor from invoice_lines l join invoices i on i.id = l.invoice_id
      where l.kind = 'usage' and i.currency in ('USD', 'EUR', 'GBP', 'AUD', 'CAD', 'CHF') and abs(cast(l.amount_minor as decimal(40, 0)) * 36000000 - cast(l.quantity_seconds as decimal(40, 0)) * l.rate_micros) > 18000000`,
  },
  {
    name: 'usage.period', subject: 'service', message: (r) => `Its period from ${String(r['period_start'])} stands on ${String(r['n'])} lines at the same rate.`,
    sql: `select l.service_id as id, l.period_start, count(*) as n from invoice_lines l join invoices i on i.id = l.invoice_id
      where l.kind = 'usage' and i.status <> 'void' group by l.service_id, l.rate_micros, l.period_start, i.currency having count(*) > 1`,
  },
  {
    name: 'meter.not-running', subject: 'workspace', message: () => 'It runs, and no meter does.',
    sql: `select w.id from kasm_workspaces w where w.status = 'running' and not exists (select 1 from kasm_usage_sessions k where k.open_workspace_id = w.id)`,
  },
  {
    name: 'meter.left-running', subject: 'workspace', message: (r) => `It is ${String(r['status'])}, and its meter still runs.`,
    sql: `select w.id, w.status from kasm_workspaces w join kasm_usage_sessions k on k.open_workspace_id = w.id where w.status in ('stopped', 'terminated', 'failed')`,
  },
]
