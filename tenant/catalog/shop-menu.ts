/** The shop's menu: only shelves with something on them. Read at most every ten seconds a tenant, as every page shows it. */
import type { RequestHandler } from 'express'
import { wantsFragment } from '../../shared/http/request.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { tenantKey } from '../../shared/tenancy/tenant.js'
import { productNameOfPage } from '../settings/product-name.js'
import { shelves } from './offered.js'
import { allShelves } from './shelf.js'

type Menu = ReadonlyArray<{ href: string; title: string }>
const freshMs = 10_000
const most = 2000
const kept = new Map<string, { menu: Menu; at: number }>()

async function menuOfShop(): Promise<Menu> {
  const key = tenantKey(currentTenant())
  const known = kept.get(key)
  if (known && performance.now() - known.at < freshMs) return known.menu
  const { name } = await productNameOfPage()
  const types = new Set((await shelves()).map((s) => s.serviceType))
  const fresh = allShelves.filter((s) => types.has(s.serviceType) || s.serviceType === 'kasm_workspace').map(({ href, menu, serviceType }) => ({ href, title: serviceType === 'kasm_workspace' ? name : menu }))
  if (kept.size >= most) kept.clear()
  kept.set(key, { menu: fresh, at: performance.now() })
  return fresh
}

/** Puts `shelves` on every page of the shop: more than one entry when it sells more than workspaces. */
export const shopMenu: RequestHandler = async (req, res, next) => {
  if (!wantsFragment(req)) res.locals['shelves'] = await menuOfShop()
  next()
}
