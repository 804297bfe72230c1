/**
 * Base of every record in a tenant's database. Queries belong to the tenant they were built for; records are stamped with their tenant
 * and refuse to be saved, reloaded, related or shown in a unit of work of another one.
 */
import objection, { type ModelOptions, type QueryContext } from 'objection'
import { currentTenant, currentTenantOrNull, WrongTenant } from '../tenancy/context.js'
import { tenantKey } from '../tenancy/tenant.js'
import { ownerOf } from './knex-facade.js'
import { RecordModel } from './record-model.js'
import { tenantDb } from './tenant-database.js'

const { QueryBuilder } = objection
/** Throws WrongTenant when a stamped record is used by another tenant than its own. */
function assertOwn(record: unknown): void {
  const stamp = TenantModel.stampOf(record)
  const tenant = currentTenantOrNull()
  if (stamp && tenant && stamp !== tenantKey(tenant)) throw new WrongTenant(`A ${(record as object).constructor.name} of another tenant was used in a unit of work of ${tenant.slug}.`)
}

function assertAllOwn(value: unknown): void {
  if (Array.isArray(value)) value.forEach(assertOwn)
  else if (value) assertOwn(value)
}

/** The current tenant's handle; a given one must be the current tenant's. */
function handleFor(given: objection.TransactionOrKnex | undefined): objection.TransactionOrKnex {
  if (!given) return tenantDb()
  const owner = ownerOf(given)
  if (owner !== tenantKey(currentTenant())) throw new WrongTenant('A query was given the database of another tenant, or of the platform.')
  return given
}

/** Relations of a record pass through here. */
class GuardedBuilder extends QueryBuilder<objection.Model> {
  override for(owner: never): this {
    assertAllOwn(owner)
    return super.for(owner)
  }
}

export class TenantModel extends RecordModel {
  static override QueryBuilder = GuardedBuilder as typeof QueryBuilder

  /** Key of the tenant this record belongs to; null for one made outside any tenant's work. */
  #tenant: string | null

  constructor() {
    super()
    const tenant = currentTenantOrNull()
    this.#tenant = tenant ? tenantKey(tenant) : null
  }

  /** Whose record it is; null when it is nobody's, or no record of a tenant at all. */
  static stampOf(record: unknown): string | null {
    return typeof record === 'object' && record !== null && #tenant in record ? record.#tenant : null
  }

  static override query<M extends objection.Model>(this: objection.Constructor<M>, trx?: objection.TransactionOrKnex): objection.QueryBuilderType<M> {
    return (RecordModel.query as (this: unknown, trx: objection.TransactionOrKnex) => objection.QueryBuilderType<M>).call(this, handleFor(trx))
  }

  protected override assertUsable(): void {
    assertOwn(this)
  }

  override $query(trx?: objection.TransactionOrKnex): objection.SingleQueryBuilder<objection.QueryBuilderType<this>> {
    assertOwn(this)
    return super.$query(trx)
  }

  override $toJson(options?: objection.ToJsonOptions): objection.ModelObject<this> {
    assertOwn(this)
    return super.$toJson(options)
  }

  override $beforeInsert(context: QueryContext): Promise<unknown> | void {
    assertOwn(this)
    return super.$beforeInsert(context)
  }

  override $beforeUpdate(options: ModelOptions, context: QueryContext): Promise<unknown> | void {
    assertOwn(this)
    assertOwn(options.old)
    return super.$beforeUpdate(options, context)
  }

  override $beforeDelete(context: QueryContext): Promise<unknown> | void {
    assertOwn(this)
    return super.$beforeDelete(context)
  }

  override $afterFind(context: QueryContext): Promise<unknown> | void {
    this.#tenant = ownerOf(context.transaction) ?? null
    return super.$afterFind(context)
  }
}

// Its overloads cannot be repeated in a class body without losing their types for callers.
const fetchGraph = RecordModel.fetchGraph as (this: unknown, models: unknown, ...rest: unknown[]) => unknown
Object.defineProperty(TenantModel, 'fetchGraph', {
  value(this: unknown, models: unknown, ...rest: unknown[]) {
    assertAllOwn(models)
    return fetchGraph.call(this, models, ...rest)
  },
})
