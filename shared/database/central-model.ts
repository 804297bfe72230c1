/** Base of every record in the central database. Throws WrongTenant inside a tenant's work. */
import type objection from 'objection'
import { WrongTenant } from '../tenancy/context.js'
import { centralDb } from './central-database.js'
import { ownerOf } from './knex-facade.js'
import { RecordModel } from './record-model.js'

export class CentralModel extends RecordModel {
  static override query<M extends objection.Model>(this: objection.Constructor<M>, trx?: objection.TransactionOrKnex): objection.QueryBuilderType<M> {
    const db = centralDb()
    if (trx && ownerOf(trx) !== null) throw new WrongTenant('A central query was given a tenant\'s database.')
    return (RecordModel.query as (this: unknown, trx: objection.TransactionOrKnex) => objection.QueryBuilderType<M>).call(this, trx ?? db)
  }
}
