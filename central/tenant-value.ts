/** Makes the frozen Tenant value out of central rows. */
import { createHash } from 'node:crypto'
import type { Knex } from 'knex'
import { unseal } from '../shared/security/encryption.js'
import { makeTenant, type Brand, type Tenant, type TenantStatus } from '../shared/tenancy/tenant.js'

export interface TenantRow {
  id: number; uuid: string; generation: number; slug: string; name: string; status: TenantStatus; house: number; sandbox: number; clock_offset_ms: number
  server_id: number | null; database_name: string | null; database_user: string | null; database_password_sealed: string | null
  currency: string; time_zone: string; locale: string; primary_domain: string | null
  company_name: string | null; logo_url: string | null; favicon_url: string | null; primary_color: string | null; secondary_color: string | null
  support_email: string | null; support_phone: string | null; from_email: string | null; from_name: string | null
  legal_name: string | null; legal_address: string[] | string | null; tax_id: string | null; branding_updated_at: Date | null; owner_email: string
}

/** Where a tenant's database passwords are sealed: they open for this tenant and column only. */
export const passwordPlace = (uuid: string, column: 'database_password' | 'migration_password') => `central:tenants:${column}:${uuid}`

export const defaultColors = { primary: '#1d4ed8', secondary: '#0f172a' }

/** All tenants with what the value needs; add a `where`. */
export function tenantRows(db: Knex): Knex.QueryBuilder<object, TenantRow[]> {
  return db('tenants as t')
    .leftJoin('tenant_branding as b', 'b.tenant_id', 't.id')
    .leftJoin('tenant_domains as d', (join) => void join.on('d.tenant_id', 't.id').andOnVal('d.type', 'primary'))
    .select('t.id', 't.uuid', 't.generation', 't.slug', 't.name', 't.status', 't.house', 't.sandbox', 't.clock_offset_ms', 't.server_id', 't.database_name',
      't.database_user', 't.database_password_sealed', 't.currency', 't.time_zone', 't.locale', 't.owner_email', 'd.domain as primary_domain', 'b.company_name', 'b.logo_url',
      'b.favicon_url', 'b.primary_color', 'b.secondary_color', 'b.support_email', 'b.support_phone', 'b.from_email', 'b.from_name', 'b.legal_name',
      'b.legal_address', 'b.tax_id', 'b.updated_at as branding_updated_at') as Knex.QueryBuilder<object, TenantRow[]>
}

function lines(value: string[] | string | null): string[] {
  return Array.isArray(value) ? value : value ? (JSON.parse(value) as string[]) : []
}

function brandOf(row: TenantRow): Brand {
  const facts = {
    companyName: row.company_name ?? row.name, primaryColor: row.primary_color ?? defaultColors.primary, secondaryColor: row.secondary_color ?? defaultColors.secondary,
    logoUrl: row.logo_url, faviconUrl: row.favicon_url, supportEmail: row.support_email ?? row.owner_email, supportPhone: row.support_phone, fromEmail: row.from_email,
    fromName: row.from_name ?? row.name, legalName: row.legal_name ?? row.name, legalAddress: lines(row.legal_address), taxId: row.tax_id,
  }
  return { ...facts, version: createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 12) }
}

/** The tenant, also while it is being opened (then without a database password it cannot be entered). */
export function tenantOf(row: TenantRow): Tenant {
  const password = row.database_password_sealed ? unseal(row.database_password_sealed, passwordPlace(row.uuid, 'database_password')) : ''
  return makeTenant({
    id: row.id, uuid: row.uuid, generation: row.generation, slug: row.slug, name: row.name, status: row.status, house: row.house === 1, sandbox: row.sandbox === 1,
    clockOffsetMs: Number(row.clock_offset_ms), primaryHost: row.primary_domain ?? '', currency: row.currency, timeZone: row.time_zone, locale: row.locale,
    brand: brandOf(row), db: { serverId: row.server_id ?? 0, database: row.database_name ?? '', user: row.database_user ?? '', password },
  })
}
