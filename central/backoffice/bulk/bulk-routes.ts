/**
 * One act on many rows of a list: first a page that says what happens to each, then the act, then what became of each. A row that the rules refuse, or that fails,
 * never holds up the others. `bulkRoutes(list)` is mounted by the list's own routes, before addresses that take any word.
 */
import { Router, type Request, type Response } from 'express'
import { z } from 'zod'
import { FormErrors } from '../../../shared/errors.js'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { newPublicId } from '../../../shared/security/token.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { BulkEnd, mostAtOnce, picksOf, saidOf, type BulkAct, type BulkList, type BulkRow } from './bulk-list.js'

const ids = z.string({ error: 'Choose at least one.' }).regex(new RegExp(`^[a-z0-9]{1,20}(,[a-z0-9]{1,20}){0,${mostAtOnce - 1}}$`), 'Choose at least one.')
const formKey = z.string().length(20)
/** One for each of `ids`. */
const seen = z.string({ error: 'Go back and choose again.' }).regex(/^[a-z0-9]{1,40}(,[a-z0-9]{1,40})*$/, 'Go back and choose again.')

type Result = BulkRow & { readonly done: string | null; readonly tone: BulkEnd['tone']; readonly error: string | null }

export function bulkRoutes<T>(list: BulkList<T>): Router {
  const router = Router()
  const home = (req: Request): string => `${deskOf(req).base}${list.path}`
  const actOf = (req: Request): [name: string, act: BulkAct<T>] => {
    const name: unknown = (req.body as Record<string, unknown> | undefined)?.['act']
    const act = typeof name === 'string' && Object.hasOwn(list.acts, name) ? list.acts[name]! : null
    if (!act?.lookersMay) mustManage(req)
    if (!act) throw new FormErrors({ act: 'Choose what to do with them.' })
    return [name as string, act]
  }

  async function preview(req: Request, res: Response, picks: readonly string[], errors: Readonly<Record<string, string>> = {}, input: Readonly<Record<string, unknown>> = {}, status = 200): Promise<void> {
    const [name, act] = actOf(req)
    const rows = await atDesk(req, `preview: ${name} several ${list.nouns}`, async () => {
      const items = await list.chosen(picks)
      const shown = await list.rows(items, deskOf(req).base)
      return Promise.all(items.map(async (item, i) => {
        const refusal = await act.refusal(item)
        return { ...shown[i]!, id: list.idOf(item), refusal, does: refusal === null ? await (typeof act.does === 'function' ? act.does(item) : act.does) : '', seen: refusal === null ? await act.seen?.(item) : undefined }
      }))
    })
    const able = rows.filter((row) => row.refusal === null)
    const fields = (act.fields ?? []).map((field) => ({ ...field, value: input[field.name], error: errors[field.name] }))
    deskPage(req, res, 'bulk/preview', {
      list, home: home(req), title: act.title, text: act.text, label: act.label, tone: act.tone ?? 'primary', fields, errors, rows, able: able.length, act: name, ids: able.map((row) => row.id).join(','), seen: act.seen ? able.map((row) => row.seen).join(',') : '', formKey: input['formKey'] ?? newPublicId(),
    }, { title: act.title, status })
  }

  router.post(`${list.path}/selection`, async (req, res) => {
    const [name] = actOf(req)
    const picks = picksOf(req)
    form(z.object({ act: z.literal(name), ...Object.fromEntries(picks.map((id) => [`pick_${id}`, z.literal('on')])) }), req)
    if (!picks.length) return redirect(req, res, home(req), { flash: { kind: 'info', text: 'Tick at least one in the list first.' } })
    await preview(req, res, picks)
  })

  router.post(`${list.path}/selection/acts`, async (req, res) => {
    const [name, act] = actOf(req)
    const typed: unknown = (req.body as Record<string, unknown>)['ids']
    onFormErrors(res, (errors, input, status) => preview(req, res, typeof typed === 'string' ? typed.split(',').slice(0, mostAtOnce) : [], errors, input, status))
    const input = form(z.object({ act: z.literal(name), ids, formKey, ...(act.seen ? { seen } : {}), ...act.shape }), req) as Record<string, string>
    const results = await atDesk(req, `${name} several ${list.nouns}`, () => actOnEach(list, act, input, deskOf(req).base))
    const failed = results.filter((r) => r.error !== null).length
    const facts = { done: results.length - failed, failed, gone: input['ids']!.split(',').length - results.length, mixed: results.some((r) => r.tone !== 'good') }
    deskPage(req, res, 'bulk/result', { list, home: home(req), results, ...facts, act: act.done }, { title: act.done })
  })
  return router
}

async function actOnEach<T>(list: BulkList<T>, act: BulkAct<T>, input: Readonly<Record<string, string>>, base: string): Promise<Result[]> {
  const ids = input['ids']!.split(',')
  const promised = input['seen']?.split(',') ?? []
  const items = await list.chosen(ids)
  if (!items.length) throw new FormErrors({ ids: `None of these ${list.nouns} exists any more.` })
  const rows = await list.rows(items, base)
  const results: Result[] = []
  for (const [i, item] of items.entries()) {
    const end = await act.run(item, input, `${input['formKey']}:${list.idOf(item)}`, promised[ids.indexOf(list.idOf(item))] ?? '').then((said) => endOf(said, act.done), (error: unknown) => ({ done: null, tone: 'bad' as const, error: saidOf(error) }))
    results.push({ ...rows[i]!, ...end })
  }
  return results
}

function endOf(said: unknown, done: string): Pick<Result, 'done' | 'tone' | 'error'> {
  return said instanceof BulkEnd ? { done: said.word, tone: said.tone, error: null } : { done: typeof said === 'string' ? said : done, tone: 'good', error: null }
}
