/** The shop's dunning rules and the words of its letters. */
import { Router, type Request, type Response } from 'express'
import { FormErrors } from '../../../shared/errors.js'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { exampleValues, wordsFor } from '../../../tenant/billing/dunning/notice-words.js'
import { defaultRules, dunningRules } from '../../../tenant/billing/dunning/schedule.js'
import { defaultLetters, dunningLetters, faultIn, letterNames, variables, type Letters } from '../../../tenant/billing/dunning/words.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { lettersForm, rulesForm } from './forms.js'
import { readRules, showRules } from './read-rules.js'

export const dunningSettingRoutes = Router()
const can = (req: Request): boolean => deskOf(req).role !== 'support'
const titles = { before: 'Reminder before it is due', overdue: 'Reminder when it is overdue', warning: 'Warning', suspended: 'Services are suspended', terminated: 'Services have ended' } as const

async function rulesPage(req: Request, res: Response, errors?: object, input?: object, status = 200): Promise<void> {
  const { currency } = deskOf(req)
  const shown = showRules(await atDesk(req, 'dunning rules', () => dunningRules.read()), currency)
  deskPage(req, res, 'dunning/rules', { errors, input: input ?? shown, defaults: showRules(defaultRules, currency), currency, can: can(req) }, { title: 'Dunning rules', status })
}
dunningSettingRoutes.get('/dunning/rules', (req, res) => rulesPage(req, res))
dunningSettingRoutes.put('/dunning/rules', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => rulesPage(req, res, errors, input, status))
  const input = form(rulesForm, req)
  const rules = keepInput(() => readRules(input, deskOf(req).currency), { ...req.body as object })
  await atDesk(req, 'change dunning rules', () => dunningRules.write(rules))
  redirect(req, res, `${deskOf(req).base}/dunning/rules`, { flash: 'Saved. The rules hold from now on; what was done stays done.' })
})

function keepInput<T>(read: () => T, input: Record<string, unknown>): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof FormErrors ? new FormErrors(error.fields, input) : error
  }
}

async function lettersPage(req: Request, res: Response, errors: Readonly<Record<string, string>> = {}, input: Readonly<Record<string, unknown>> | null = null, status = 200): Promise<void> {
  const kept = await atDesk(req, 'dunning letters', () => dunningLetters.read())
  const letters = letterNames.map((name) => {
    const subject = String(input?.[`${name}Subject`] ?? kept[name].subject)
    const body = String(input?.[`${name}Body`] ?? kept[name].body)
    return { name, title: titles[name], subject, body, subjectName: `${name}Subject`, bodyName: `${name}Body`, subjectError: errors[`${name}Subject`], bodyError: errors[`${name}Body`], preview: faultIn(subject) ?? faultIn(body) ? null : wordsFor({ subject, body }, exampleValues) }
  })
  deskPage(req, res, 'dunning/letters', { letters, errors: Object.keys(errors).length ? errors : null, names: Object.entries(variables).map(([name, text]) => ({ name: `{{${name}}}`, text })), can: can(req) }, { title: 'Dunning letters', status })
}
dunningSettingRoutes.get('/dunning/letters', (req, res) => lettersPage(req, res))
dunningSettingRoutes.put('/dunning/letters', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => lettersPage(req, res, errors, input, status))
  const input = form(lettersForm, req) as Record<string, string>
  const faults = Object.fromEntries(Object.entries(input).flatMap(([name, text]) => (faultIn(text) === null ? [] : [[name, faultIn(text)!]])))
  if (Object.keys(faults).length) throw new FormErrors(faults, input)
  const letters = Object.fromEntries(letterNames.map((name) => [name, { subject: input[`${name}Subject`] ?? defaultLetters[name].subject, body: (input[`${name}Body`] ?? defaultLetters[name].body).replaceAll('\r\n', '\n') }])) as Letters
  await atDesk(req, 'change dunning letters', () => dunningLetters.write(letters))
  redirect(req, res, `${deskOf(req).base}/dunning/letters`, { flash: 'Saved. The next letters use these words.' })
})
