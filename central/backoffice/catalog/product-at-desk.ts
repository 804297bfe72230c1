/** The two pages that other forms of the catalogue come back to: the list and one product. */
import type { Request, Response, Router } from 'express'
import { z } from 'zod'
import { parsePaging } from '../../../shared/database/paging.js'
import { query } from '../../../shared/http/form.js'
import { Product, serviceTypes } from '../../../tenant/catalog/product.js'
import { atDesk, deskOf, deskPage } from '../desk.js'
import { listPage, productPage, productSorts } from './pages.js'

type Errors = Readonly<Record<string, string>>
type Input = Readonly<Record<string, unknown>>
const listQuery = z.object({ type: z.enum(serviceTypes).optional(), status: z.enum(['active', 'hidden', 'retired']).optional(), q: z.string().max(80).optional() })

/** A form that is shown again asks for its address after Express has left the route and forgotten its parameters; so they are kept here. */
const addresses = new WeakMap<Request, Map<string, string>>()
export function keepAddress(router: Router): Router {
  for (const name of ['productId', 'planId', 'optionId']) {
    router.param(name, (req: Request, _res, next, value: string) => {
      addresses.set(req, new Map(addresses.get(req)).set(name, value))
      next()
    })
  }
  return router
}
export const partOf = (req: Request, name: 'productId' | 'planId' | 'optionId'): string => addresses.get(req)?.get(name) ?? ''

/** Support may look at everything and change nothing. */
export const mayManage = (req: Request): boolean => deskOf(req).role !== 'support'
/** The product of the address; NotFound for anything else. Inside the tenant. */
export const productOf = (req: Request): Promise<Product> => Product.findOwned({ publicId: partOf(req, 'productId') })
export const productHref = (req: Request): string => `${deskOf(req).base}/products/${partOf(req, 'productId')}`

export async function showList(req: Request, res: Response, errors: Errors = {}, input: Input = { act: 'active', rounding: 'minor' }, status = 200): Promise<void> {
  const wish = query(listQuery, req)
  const data = await atDesk(req, 'products', () => listPage(wish, parsePaging(req.query, productSorts), deskOf(req).base))
  deskPage(req, res, 'catalog/list', { ...data, can: mayManage(req), errors, input, acts, roundings }, { title: 'Products', status })
}
const acts = [{ value: 'active', label: 'Publish' }, { value: 'hidden', label: 'Hide' }, { value: 'retired', label: 'Retire' }, { value: 'price', label: 'Change prices by percent' }]
const roundings = [{ value: 'minor', label: 'To the smallest unit' }, { value: 'whole', label: 'To whole units' }]

export async function showProduct(req: Request, res: Response, errors: Errors = {}, input: Input = {}, status = 200): Promise<void> {
  const { base, role } = deskOf(req)
  const data = await atDesk(req, 'product', async () => productPage(await productOf(req), base, input))
  deskPage(req, res, 'catalog/product', { ...data, can: mayManage(req), staff: role === 'staff', errors }, { title: data.product.name, status })
}
