/** The two pages that other forms of the catalogue come back to: the list and one product. */
import type { Request, Response } from 'express'
import { z } from 'zod'
import { parsePaging } from '../../../shared/database/paging.js'
import { query } from '../../../shared/http/form.js'
import { Product, serviceTypes } from '../../../tenant/catalog/product.js'
import { atDesk, deskOf, deskPage } from '../desk.js'
import { listPage, productPage, productSorts } from './pages.js'

type Errors = Readonly<Record<string, string>>
type Input = Readonly<Record<string, unknown>>
const listQuery = z.object({ type: z.enum(serviceTypes).optional(), status: z.enum(['active', 'hidden', 'retired']).optional(), q: z.string().max(80).optional() })

/** Support may look at everything and change nothing. */
export const mayManage = (req: Request): boolean => deskOf(req).role !== 'support'
/** The product of the address; NotFound for anything else. Inside the tenant. */
export const productOf = (req: Request): Promise<Product> => Product.findOwned({ publicId: String(req.params['productId']) })
export const productHref = (req: Request): string => `${deskOf(req).base}/products/${String(req.params['productId'])}`

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
