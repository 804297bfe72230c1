/** A world with the real central: its database, price list, directory. Resellers are opened through the saga, as in life. */
import '../timetable.js'
import { readBundle } from '../../shared/database/migration-bundle.js'
import { openAdmin, type AdminConnection } from '../../shared/database/migration-connection.js'
import { forgetHosts } from '../../shared/tenancy/resolve-host.js'
import { plugDirectory } from '../../shared/tenancy/directory.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { dropRun, makeCentral, useOwnNames } from '../../shared/testing/world.js'
import { clock } from '../../shared/time/clock.js'
import { asCentral } from '../../shared/tenancy/as-central.js'
import { centralDirectory } from '../directory.js'
import type { NewResellerInput } from '../resellers/new-reseller.js'
import { continueOpening, openReseller } from '../resellers/open-reseller.js'
import type { Reseller } from '../resellers/reseller.js'
import { seedCentral } from '../seed-central.js'
import { registerKnownServers } from '../servers.js'

export interface CentralWorld {
  admin: AdminConnection
  names: { prefix: string; central: string }
  /** Opens a reseller through all steps; answers its row. */
  open(slug: string, more?: Partial<NewResellerInput>): Promise<Reseller>
  tenant(slug: string): Promise<Tenant>
}

export const asStaff = asCentral

/** Mocha hooks: a fresh central for this describe, dropped at the end. */
export function useCentral(): CentralWorld {
  const world = {} as CentralWorld
  before(async function () {
    this.timeout(60_000)
    world.names = useOwnNames()
    world.admin = await openAdmin(1)
    await makeCentral(world.admin, world.names.central)
    await seedCentral()
    await registerKnownServers()
    plugDirectory(centralDirectory)
    forgetHosts()
    readBundle('tenant')
  })
  after(async function () {
    this.timeout(60_000)
    clock.set()
    await dropRun(world.admin, world.names)
    await world.admin.end()
  })
  afterEach(() => clock.set())
  world.open = (slug, more = {}) => asCentral(async () => {
    const name = slug[0]!.toUpperCase() + slug.slice(1)
    const reseller = await openReseller({ name, slug, host: `${slug}.test`, ownerName: `${name} owner`, ownerEmail: `owner@${slug}.test`, ...more }, { start: false })
    return continueOpening(reseller.id)
  })
  world.tenant = async (slug) => (await centralDirectory.findBySlug(slug))!
  return world
}
