/** Dunning at a tenant's desk: who owes, what happened and what comes; and what staff may do about it. */
import { Router, type Request, type Response } from 'express'
import { parsePaging } from '../../../shared/database/paging.js'
import { form, query } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { clock } from '../../../shared/time/clock.js'
import { exemptCase, forgive, pauseCase, resumeCase, retryNow, skipStep } from '../../../tenant/billing/dunning/case-actions.js'
import { DunningCase } from '../../../tenant/billing/dunning/dunning-case.js'
import { dayStart } from '../payments/day-start.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { bulkRoutes } from './bulk-routes.js'
import { emptyForm, listQuery, pauseForm, reasonForm, skipForm } from './forms.js'
import { caseSorts, casesQuery, detailPage, listPage } from './pages.js'
import { endingOf } from './retry-words.js'
import { casesCsv } from './rows.js'
import { dunningSettingRoutes } from './setting-routes.js'

export const dunningDesk = Router()
dunningDesk.use(dunningSettingRoutes, bulkRoutes)
const can = (req: Request): boolean => deskOf(req).role !== 'support'
const caseOf = (req: Request): Promise<DunningCase> => DunningCase.findOwned<DunningCase>({ publicId: String(req.params['publicId']) })
const here = (req: Request): string => `${deskOf(req).base}/dunning/${String(req.params['publicId'])}`

dunningDesk.get('/dunning', async (req, res) => {
  const wish = query(listQuery, req)
  deskPage(req, res, 'dunning/list', { ...(await atDesk(req, 'dunning', () => listPage(wish, parsePaging(req.query, caseSorts), deskOf(req).base))), can: can(req) }, { title: 'Dunning' })
})

const mostExported = 20_000

/** Exactly the rows of the list, on all its pages. */
dunningDesk.get('/dunning.csv', async (req, res) => {
  const wish = query(listQuery, req)
  const { column, descending } = parsePaging(req.query, caseSorts)
  const way = descending ? 'desc' : 'asc'
  const csv = await atDesk(req, 'dunning as CSV', async () => casesCsv(await casesQuery(wish, clock.now()).orderBy(column, way).orderBy('dunning_cases.id', way).limit(mostExported)))
  res.type('text/csv').attachment('dunning.csv').set('cache-control', 'private, no-store').send(csv)
})

dunningDesk.get('/dunning/:publicId', async (req, res) => {
  const data = await atDesk(req, 'dunning case', async () => detailPage(await caseOf(req), deskOf(req).base))
  deskPage(req, res, 'dunning/show', { ...data, can: can(req) }, { title: 'Dunning' })
})

interface Act {
  readonly path: string
  readonly title: string
  readonly text: string
  readonly points: readonly string[]
  readonly label: string
  readonly withDay?: boolean
  readonly run: (req: Request) => Promise<string>
}
const acts: readonly Act[] = [
  {
    path: 'pause', title: 'Pause dunning for this invoice?', text: 'Nothing happens until the day you choose.', label: 'Pause', withDay: true, points: ['What is suspended stays suspended.', 'Steps that fall into the pause come afterwards, with time between them.', 'The amount stays owed.'],
    run: async (req) => {
      const { until, reason } = form(pauseForm, req)
      await atDesk(req, 'pause dunning', async () => pauseCase(await caseOf(req), dayStart(until), reason))
      return 'Paused. Nothing happens until then.'
    },
  },
  {
    path: 'exemption', title: 'Exempt this invoice from dunning?', text: 'Nobody is reminded or suspended for it any more.', label: 'Exempt', points: ['What dunning suspended for it works again.', 'The amount stays owed.', 'You can take this back at any time.'],
    run: async (req) => {
      const { reason } = form(reasonForm, req)
      await atDesk(req, 'exempt from dunning', async () => exemptCase(await caseOf(req), reason))
      return 'Exempt. What dunning suspended for it works again.'
    },
  },
  {
    path: 'forgiveness', title: 'Forgive this invoice?', text: 'It is written off: you no longer expect to be paid.', label: 'Write it off', points: ['The loss is booked.', 'What dunning suspended for it works again.', 'Should the customer pay after all, the loss is taken back.'],
    run: async (req) => {
      const { reason } = form(reasonForm, req)
      await atDesk(req, 'forgive invoice', async () => forgive(await caseOf(req), reason))
      return 'Written off. Dunning has ended.'
    },
  },
]

for (const act of acts) {
  const show = async (req: Request, res: Response, errors?: object, input: object = {}, status = 200): Promise<void> => {
    const data = await atDesk(req, `dunning ${act.path}`, async () => detailPage(await caseOf(req), deskOf(req).base))
    deskPage(req, res, 'dunning/act', { dunning: data, title: act.title, text: act.text, points: act.points, label: act.label, withDay: act.withDay, action: `${here(req)}/${act.path}`, back: here(req), errors, input }, { title: act.title, status })
  }
  dunningDesk.get(`/dunning/:publicId/${act.path}`, async (req, res) => {
    mustManage(req)
    await show(req, res)
  })
  dunningDesk.post(`/dunning/:publicId/${act.path}`, async (req, res) => {
    mustManage(req)
    onFormErrors(res, (errors, input, status) => show(req, res, errors, input, status))
    redirect(req, res, here(req), { flash: await act.run(req) })
  })
}

async function skipPage(req: Request, res: Response, errors?: object, input: object = {}, status = 200): Promise<void> {
  const step = String((input as { step?: string }).step ?? req.query['step'] ?? '').slice(0, 40)
  const data = await atDesk(req, 'skip step form', async () => detailPage(await caseOf(req), deskOf(req).base))
  deskPage(req, res, 'dunning/act', { dunning: data, title: 'Skip this step?', text: `The step “${step}” is passed over.`, points: ['Later steps come as planned.', 'The amount stays owed.'], label: 'Skip the step', step, action: `${here(req)}/skip`, back: here(req), errors, input }, { title: 'Skip this step?', status })
}
dunningDesk.get('/dunning/:publicId/skip', async (req, res) => {
  mustManage(req)
  await skipPage(req, res)
})
dunningDesk.post('/dunning/:publicId/skip', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => skipPage(req, res, errors, input, status))
  const { step, reason } = form(skipForm, req)
  await atDesk(req, 'skip dunning step', async () => skipStep(await caseOf(req), step, reason))
  redirect(req, res, here(req), { flash: 'The step is skipped.' })
})

/** Ends a pause or an exemption. */
dunningDesk.delete('/dunning/:publicId/pause', async (req, res) => {
  mustManage(req)
  form(emptyForm, req)
  await atDesk(req, 'resume dunning', async () => resumeCase(await caseOf(req)))
  redirect(req, res, here(req), { flash: 'Dunning goes on. What is due comes within minutes.' })
})

dunningDesk.post('/dunning/:publicId/retry', async (req, res) => {
  mustManage(req)
  form(emptyForm, req)
  const outcome = await atDesk(req, 'retry payment', async () => retryNow(await caseOf(req)))
  redirect(req, res, here(req), { flash: { kind: outcome?.kind === 'paid' ? 'good' : 'info', text: endingOf(outcome).text } })
})

