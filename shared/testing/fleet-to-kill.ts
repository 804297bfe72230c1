/** A process for fleet.test.ts to kill: migrates the fleet with the bundle of a folder and prints how many are done. */
import { readBundle } from '../database/migration-bundle.js'
import { migrateFleet } from '../tenancy/fleet.js'

let done = 0
await migrateFleet({ selection: {}, bundle: readBundle('tenant', process.argv[2]) }, { result: () => process.stdout.write(`${++done}\n`) })
process.exit(0)
