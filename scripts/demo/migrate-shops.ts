/** Shops that an earlier version of this checkout made are brought to today's schema, with the command line's own run over the fleet. */
import { runAsPlatform } from '../../shared/tenancy/context.js'
import { resumeFleet } from '../../shared/tenancy/fleet.js'

/** Throws Error with what to do when a shop cannot be brought up to date. */
export async function migrateShops(say: (text: string) => void): Promise<void> {
  const { outcome, done, results } = await runAsPlatform(() => resumeFleet({ selection: {} }))
  if (outcome === 'nothing-matched' || outcome === 'up-to-date') return
  const bad = results.find((result) => result.status !== 'done')
  if (bad) throw new Error(`The shop ${bad.tenant} could not be brought up to date: ${bad.failure?.message ?? bad.detail.join(', ')}\nLook with: ./scripts/ezscale tenants status. To begin afresh, delete the folder .ezscale.`)
  say(`brought ${done} ${done === 1 ? 'shop' : 'shops'} up to date`)
}
