/** How a shop calls its desktops: in its menu, its titles and its letters. What an ordinary sentence says of one of them stays "workspace". */
import type { RequestHandler } from 'express'
import { z } from 'zod'
import { wantsFragment } from '../../shared/http/request.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { tenantKey } from '../../shared/tenancy/tenant.js'
import { defineSetting } from './setting.js'

export interface ProductName {
  /** In menus and titles: `Workspaces`, `Cloud desks`. */
  readonly name: string
  /** One of them, within a sentence: `workspace`, `cloud desk`. */
  readonly one: string
}
const word = z.string().min(2).max(40)
export const productNameSetting = defineSetting<ProductName>('workspaceProductName', z.object({ name: word, one: word }), { name: 'Workspaces', one: 'workspace' })
export const workspaceProductName = (): Promise<ProductName> => productNameSetting.read()

/** Names that would tell whose software or whose platform it is, and so are not the shop's own. */
export const namesTheSupplier = (text: string): boolean => /kasm|ezscale/i.test(text)

const freshMs = 10_000
const most = 2000
const kept = new Map<string, { words: ProductName; at: number }>()

/** As `workspaceProductName`, at most ten seconds old: every page asks. */
export async function productNameOfPage(): Promise<ProductName> {
  const key = tenantKey(currentTenant())
  const known = kept.get(key)
  if (known && performance.now() - known.at < freshMs) return known.words
  const words = await workspaceProductName()
  if (kept.size >= most) kept.clear()
  kept.set(key, { words, at: performance.now() })
  return words
}
/** Tests, and the desk after a change in this process. */
export const forgetProductNames = (): void => kept.clear()

/** Puts `productName` on every whole page of the shop. */
export const withProductName: RequestHandler = async (req, res, next) => {
  if (!wantsFragment(req)) res.locals['productName'] = await productNameOfPage()
  next()
}
