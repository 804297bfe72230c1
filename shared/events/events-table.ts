/** The events of whom we serve now: the tenant's own table, or central's. */
import type { Knex } from 'knex'
import { centralDb } from '../database/central-database.js'
import { tenantDb } from '../database/tenant-database.js'
import { currentTenantOrNull } from '../tenancy/context.js'

export const eventsDb = (): Knex => (currentTenantOrNull() ? tenantDb() : centralDb())
