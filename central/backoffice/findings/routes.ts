/** Findings at a tenant's desk: where the books do not agree. People explain or correct; nothing is repaired by itself. */
import { Router, type Request, type Response } from 'express'
import { applyPaging, parsePaging } from '../../../shared/database/paging.js'
import { currentActor } from '../../../shared/events/actor.js'
import { form, query } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { clock } from '../../../shared/time/clock.js'
import { auditTenant } from '../../../tenant/billing/audit.js'
import { AuditFinding, explainFinding, reopenFinding } from '../../../tenant/billing/reconcile/audit-finding.js'
import { storeFindings } from '../../../tenant/billing/reconcile/store-findings.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { emptyForm, explainForm, listQuery } from './forms.js'

export const findingDesk = Router()
const sorts = { sortable: { seen: 'audit_findings.last_seen_at' }, default: '-seen', size: 50 } as const
const chips = { open: 'Open', explained: 'Explained', gone: 'Gone' } as const
const can = (req: Request): boolean => deskOf(req).role !== 'support'
const findingOf = (req: Request): Promise<AuditFinding> => AuditFinding.findOwned<AuditFinding>({ publicId: String(req.params['publicId']) })
const shown = (f: AuditFinding) => ({ publicId: f.publicId, check: f.checkName, subject: f.subject, message: f.message, status: f.status, note: f.note, by: f.explainedBy, explainedAt: f.explainedAt, firstSeenAt: f.firstSeenAt, lastSeenAt: f.lastSeenAt })

findingDesk.get('/findings', async (req, res) => {
  const { show } = query(listQuery, req)
  const { base } = deskOf(req)
  const paged = await atDesk(req, 'findings', async () => {
    const found = await applyPaging(AuditFinding.query().where({ status: show }), parsePaging(req.query, sorts))
    return { ...found, rows: found.rows.map(shown) }
  })
  const here = (part: Record<string, string>): string => `${base}/findings?${new URLSearchParams({ show, ...part })}`
  deskPage(req, res, 'findings/list', {
    rows: paged.rows, show, chips: Object.entries(chips).map(([name, label]) => ({ label, href: here({ show: name }), current: name === show })), can: can(req), summary: paged.total ? `${paged.from}–${paged.to} of ${paged.total}` : '',
    previousHref: paged.page > 1 ? here({ page: String(paged.page - 1) }) : null, nextHref: paged.page < paged.pages ? here({ page: String(paged.page + 1) }) : null,
  }, { title: 'Findings' })
})

/** The nightly look, now. */
findingDesk.post('/findings/audit', async (req, res) => {
  mustManage(req)
  form(emptyForm, req)
  const count = await atDesk(req, 'audit now', async () => {
    const found = await auditTenant()
    await storeFindings(found, (check) => !check.startsWith('gateway.'), clock.now())
    return found.length
  })
  redirect(req, res, `${deskOf(req).base}/findings`, { flash: count ? { kind: 'bad', text: `${count} places do not agree. They are listed here.` } : 'The books agree everywhere.' })
})

async function findingPage(req: Request, res: Response, errors?: object, input: object = {}, status = 200): Promise<void> {
  const finding = await atDesk(req, 'finding', async () => shown(await findingOf(req)))
  deskPage(req, res, 'findings/show', { ...finding, errors, input, can: can(req), isOpen: finding.status === 'open', isExplained: finding.status === 'explained' }, { title: 'Finding', status })
}
findingDesk.get('/findings/:publicId', (req, res) => findingPage(req, res))

findingDesk.put('/findings/:publicId/note', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => findingPage(req, res, errors, input, status))
  const { note } = form(explainForm, req)
  const { kind, id } = currentActor()
  await atDesk(req, 'explain finding', async () => explainFinding(await findingOf(req), note, `${kind} ${id ?? ''}`.trim()))
  redirect(req, res, `${deskOf(req).base}/findings`, { flash: 'Explained. It opens again by itself should it change.' })
})

findingDesk.delete('/findings/:publicId/note', async (req, res) => {
  mustManage(req)
  form(emptyForm, req)
  await atDesk(req, 'reopen finding', async () => reopenFinding(await findingOf(req)))
  redirect(req, res, `${deskOf(req).base}/findings/${String(req.params['publicId'])}`, { flash: 'The finding is open again.' })
})
