/** How many workspaces were made from a template: asked of the shops, within a time that a page can wait. */
import { centralDb } from '../../shared/database/central-database.js'
import { clock } from '../../shared/time/clock.js'
import { log } from '../../shared/log.js'
import { countUse } from '../../tenant/kasm/templates/template-use.js'
import { inTenantOf } from '../access/enter-tenant.js'

export interface TemplateUse {
  /** Shops that offer it now, and shops with living workspaces of it. */
  offering: number
  using: number
  workspaces: number
  running: number
  /** The largest first, at most ten. */
  shops: Array<{ slug: string; name: string; workspaces: number }>
  asked: number
  of: number
}
const PATIENCE_MS = 5000
const AT_ONCE = 6

/** Shops that could not be asked in time are missing from `asked`; the page says so. */
export async function useOf(centralKey: string): Promise<TemplateUse> {
  const shops = (await centralDb()('tenants').whereIn('status', ['active', 'trial', 'suspended', 'maintenance']).orderBy('id').select('id', 'slug', 'name')) as Array<{ id: number; slug: string; name: string }>
  const use: TemplateUse = { offering: 0, using: 0, workspaces: 0, running: 0, shops: [], asked: 0, of: shops.length }
  const until = clock.real().getTime() + PATIENCE_MS
  const waiting = [...shops]
  const ask = async (): Promise<void> => {
    for (let shop = waiting.shift(); shop && clock.real().getTime() < until; shop = waiting.shift()) {
      const { id, slug, name } = shop
      const found = await inTenantOf(id, 'count the use of a template', () => countUse(centralKey)).catch((error: unknown) => void log().warn({ err: error, slug }, 'A shop could not count its workspaces'))
      if (found) add(use, { slug, name, ...found })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, ask))
  use.shops = use.shops.sort((a, b) => b.workspaces - a.workspaces).slice(0, 10)
  return use
}

function add(use: TemplateUse, found: { slug: string; name: string; offered: boolean; workspaces: number; running: number }): void {
  use.asked++
  if (found.offered) use.offering++
  if (!found.workspaces) return
  use.using++
  use.workspaces += found.workspaces
  use.running += found.running
  use.shops.push({ slug: found.slug, name: found.name, workspaces: found.workspaces })
}
