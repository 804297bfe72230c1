/** Options of a product at the desk: what can be chosen, and what it costs with each plan. */
import { Router, type Request, type Response } from 'express'
import { FormErrors, NotFound } from '../../../shared/errors.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { z } from 'zod'
import { Plan } from '../../../tenant/catalog/plan.js'
import { OptionChoice, ProductOption } from '../../../tenant/catalog/product-option.js'
import type { Product } from '../../../tenant/catalog/product.js'
import { addOption, changeOption, saveChoices, setOptionPrices, setOptionStatus, type ChoiceFacts } from '../../../tenant/catalog/save-option.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { namesLike, newOptionForm, optionForm, priceText, withNames } from './forms.js'
import { newOptionInput, optionView, tiersFrom } from './option-pages.js'
import { keepAddress, partOf, productHref, productOf } from './product-at-desk.js'

type Errors = Readonly<Record<string, string>>
type Input = Readonly<Record<string, unknown>>
export const optionRoutes = keepAddress(Router())
const optionHref = (req: Request): string => `${productHref(req)}/options/${partOf(req, 'optionId')}`

/** The option of the address, and only of the product in it. */
async function optionOf(req: Request): Promise<{ product: Product; option: ProductOption }> {
  const id = Number(partOf(req, 'optionId'))
  if (!Number.isSafeInteger(id)) throw new NotFound('option')
  const product = await productOf(req)
  return { product, option: await ProductOption.findOwned({ id, productId: product.id }) }
}

async function showNew(req: Request, res: Response, errors: Errors = {}, input: Input = newOptionInput, status = 200): Promise<void> {
  mustManage(req)
  const name = await atDesk(req, 'new option', async () => (await productOf(req)).name)
  deskPage(req, res, 'catalog/new-option', { productName: name, href: productHref(req), input, required: input['required'] === 'on', errors, kinds: kindCards }, { title: 'New option', status })
}
const kindCards = [
  { value: 'select', label: 'One of several', text: 'Operating system, memory, location.' }, { value: 'quantity', label: 'A number', text: 'Gigabytes, addresses, slots; cheaper by the dozen if you like.' },
  { value: 'checkbox', label: 'A tick', text: 'Backups: yes or no.' },
]
optionRoutes.get('/products/:productId/options/new', (req, res) => showNew(req, res))
optionRoutes.post('/products/:productId/options', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => showNew(req, res, errors, input, status))
  const { kind, choices = [], ...facts } = form(newOptionForm, req)
  if (kind === 'select' && choices.length === 0) throw new FormErrors({ choices: 'Enter at least one choice.' }, { ...(req.body as Input) })
  const id = await atDesk(req, 'add option', async () => (await addOption(await productOf(req), { ...withDefaults(facts), kind }, choices)).id)
  redirect(req, res, `${productHref(req)}/options/${id}`, { flash: `${facts.name} is there. Give it prices: without one it is not offered.` })
})
const withDefaults = ({ name, hint = '', unit = '', required, min = 0, max = 1, tier_mode: tierMode = 'volume', sort: sortOrder = 0 }: z.infer<typeof optionForm>) => ({ name, hint, unit, required, minQuantity: min, maxQuantity: max, tierMode, sortOrder })

async function showOption(req: Request, res: Response, errors: Errors = {}, input: Input | null = null, status = 200): Promise<void> {
  const { base, role } = deskOf(req)
  const data = await atDesk(req, 'option', async () => {
    const { product, option } = await optionOf(req)
    return optionView(product, option, base, input, errors)
  })
  deskPage(req, res, 'catalog/option', { ...data, can: role !== 'support', errors }, { title: data.title, status })
}
optionRoutes.get('/products/:productId/options/:optionId', (req, res) => showOption(req, res))
optionRoutes.put('/products/:productId/options/:optionId', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => showOption(req, res, errors, input, status))
  const facts = withDefaults(form(optionForm, req))
  await atDesk(req, 'change option', async () => changeOption((await optionOf(req)).option, facts))
  redirect(req, res, optionHref(req), { flash: `Saved ${facts.name}.` })
})
optionRoutes.put('/products/:productId/options/:optionId/choices', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => showOption(req, res, errors, input, status))
  const names = namesLike(req, /^(label_\d{1,12}|new_\d)$/)
  const given = form(withNames(z.object({ preset: z.string().max(20).optional() }), names), req) as Record<string, string | undefined>
  const choices = names.map((name): ChoiceFacts => ({ id: name.startsWith('label_') ? Number(name.slice(6)) : null, label: given[name] ?? '', isDefault: given['preset'] === name }))
  await atDesk(req, 'change choices', async () => saveChoices((await optionOf(req)).option, choices))
  redirect(req, res, optionHref(req), { flash: 'Saved the choices. New ones are offered as soon as they have a price.' })
})
optionRoutes.put('/products/:productId/options/:optionId/prices', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => showOption(req, res, errors, input, status))
  const names = namesLike(req, /^(unit|setup)_\d{1,12}_\d{1,2}_\d{1,12}$/)
  const froms = namesLike(req, /^from_\d{1,2}$/)
  const given = { ...form(withNames(withNames(z.object({}), names, priceText), froms, z.coerce.number('Enter a whole number.').int('Enter a whole number.').min(1, 'A price counts from 1 or more.').max(1_000_000)), req) } as Record<string, number | undefined>
  await atDesk(req, 'option prices', async () => {
    const { product, option } = await optionOf(req)
    const choices = await OptionChoice.query().where({ optionId: option.id, status: 'active' })
    await tenantTransaction(async () => {
      for (const plan of await Plan.query().where({ productId: product.id }).whereNot({ status: 'retired' })) for (const choice of choices) await setOptionPrices(plan, choice, tiersFrom(given, choice, plan))
    })
  })
  redirect(req, res, optionHref(req), { flash: 'Saved the prices. New orders pay them; existing customers keep theirs.' })
})
optionRoutes.put('/products/:productId/options/:optionId/status', async (req, res) => {
  mustManage(req)
  const { status } = form(z.object({ status: z.enum(['active', 'retired']) }), req)
  await atDesk(req, `option ${status}`, async () => setOptionStatus((await optionOf(req)).option, status))
  redirect(req, res, optionHref(req), { flash: status === 'active' ? 'This option is offered again.' : 'This option is offered no more. Customers who have it keep it.' })
})
