/** What each step of an opening does. Every one may be run again after any crash and then does only what is left. Answers a line for the progress page. */
import { config, originOf } from '../../shared/config.js'
import { centralDb } from '../../shared/database/central-database.js'
import { centralTransaction } from '../../shared/database/transaction.js'
import { record } from '../../shared/events/record.js'
import { send } from '../../shared/mail/compose.js'
import { seal } from '../../shared/security/encryption.js'
import { newDatabaseName, provisionDatabase, type ProvisionedDatabase } from '../../shared/tenancy/databases.js'
import { bringToHead } from '../../shared/tenancy/ledger.js'
import { claimPending, releaseClaim } from '../../shared/tenancy/pending-pool.js'
import { chooseServer } from '../../shared/tenancy/placement.js'
import { clock } from '../../shared/time/clock.js'
import { issueToken } from '../access/access-token.js'
import { inTenantOf } from '../access/enter-tenant.js'
import { bumpDirectory } from '../directory.js'
import { ensureMember } from '../members/member.js'
import { passwordPlace } from '../tenant-value.js'
import type { OpeningStep } from './opening.js'
import type { Reseller } from './reseller.js'
import { seedTenant } from './seed-tenant.js'

/** The server is chosen once; the name of a fresh database is stored before it is made, so that no crash leaves one nobody knows. */
async function reserve(reseller: Reseller): Promise<{ serverId: number; made: ProvisionedDatabase; pooled: boolean }> {
  const serverId = reseller.serverId ?? (await chooseServer())
  if (!reseller.serverId) await centralDb()('tenants').where({ id: reseller.id }).update({ server_id: serverId, updated_at: clock.real() })
  const pooled = reseller.databaseName ? null : await claimPending(serverId, reseller.id)
  if (pooled) return { serverId, made: pooled, pooled: true }
  const database = reseller.databaseName ?? newDatabaseName()
  await centralDb()('tenants').where({ id: reseller.id }).update({ database_name: database, updated_at: clock.real() })
  return { serverId, made: await provisionDatabase({ serverId, database }), pooled: false }
}

async function database(reseller: Reseller): Promise<string> {
  const { made, pooled } = await reserve(reseller)
  await centralDb()('tenants').where({ id: reseller.id }).update({
    database_name: made.database, database_user: made.user, migration_user: made.migrationUser, updated_at: clock.real(),
    database_password_sealed: seal(made.password, passwordPlace(reseller.uuid, 'database_password')),
    migration_password_sealed: seal(made.migrationPassword, passwordPlace(reseller.uuid, 'migration_password')),
  })
  if (pooled) await releaseClaim(reseller.id)
  return `${made.database}${pooled ? ', taken from the pool' : ', newly made'}; account ${made.user}`
}

async function schema(reseller: Reseller): Promise<string> {
  const { head } = await bringToHead({ id: reseller.id, serverId: reseller.serverId!, database: reseller.databaseName! })
  return `at ${head ?? 'the first version'}`
}

async function catalog(reseller: Reseller): Promise<string> {
  return inTenantOf(reseller.id, 'opening', seedTenant)
}

async function branding(reseller: Reseller): Promise<string> {
  const hosts = (await centralDb()('tenant_domains').where({ tenant_id: reseller.id }).orderBy('type', 'desc').pluck('domain')) as string[]
  await bumpDirectory()
  return hosts.join(', ')
}

/** The house shop has no owner to write to. The letter's key makes a second run harmless. */
async function welcome(reseller: Reseller): Promise<string> {
  if (reseller.house) return 'not needed for the house shop'
  const owner = await ensureMember(reseller.ownerEmail, reseller.ownerName)
  const token = owner.passwordHash ? null : await issueToken({ kind: 'member', id: owner.id }, 'set-password')
  const area = `${originOf(config().PLATFORM_DOMAIN)}/reseller`
  const primary = (await centralDb()('tenant_domains').where({ tenant_id: reseller.id, type: 'primary' }).first('domain')) as { domain: string }
  await send({
    name: 'reseller-welcome', to: { email: owner.email, name: owner.name }, key: `reseller-welcome:${reseller.uuid}`,
    data: { owner: owner.name, reseller: reseller.name, shop: originOf(primary.domain), area, link: token ? `${area}/set-password/${token}` : `${area}/sign-in`, first: token !== null },
  })
  return `to ${owner.email}`
}

async function live(reseller: Reseller): Promise<string> {
  await centralTransaction(async (trx) => {
    await reseller.become('active')
    await bumpDirectory(trx)
    await record('reseller.opened', { type: 'tenant', id: reseller.id }, {}, { tenantId: reseller.id })
  })
  return 'open for customers'
}

const work: Record<OpeningStep, (reseller: Reseller) => Promise<string>> = { database, schema, catalog, branding, welcome, live }

export const runStep = (step: OpeningStep, reseller: Reseller): Promise<string> => work[step](reseller)
