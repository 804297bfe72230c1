import { expect } from 'chai'
import { runInTenant } from '../tenancy/context.js'
import type { Tenant } from '../tenancy/tenant.js'
import { closeDatabases } from './central-database.js'
import { applyPaging, parsePaging } from './paging.js'
import { TenantModel } from './tenant-model.js'
import { makeTestTenants } from './test-tenants.js'

class Row extends TenantModel {
  static override tableName = 'paged'
  static override timestamps = []
  declare id: number
  declare fullName: string
}
const rules = { sortable: { name: 'full_name', id: 'id' }, default: '-id', size: 2 }

describe('A list in pages', () => {
  let acme: Tenant
  let drop: () => Promise<void>
  before(async () => {
    const made = await makeTestTenants(1, ['create table paged (id int primary key, full_name varchar(9))', 'insert into paged values (1,\'b\'),(2,\'a\'),(3,\'a\'),(4,\'c\'),(5,\'a\')'])
    drop = made.drop
    acme = made.tenants[0] as Tenant
  })
  after(async () => {
    await closeDatabases()
    await drop()
  })
  const list = (query: Record<string, unknown>) => runInTenant(acme, async () => {
    const { rows, ...facts } = await applyPaging(Row.query(), parsePaging(query, rules))
    return { ids: rows.map((r) => r.id), ...facts }
  })

  it('begins with its own order', async () => {
    expect(await list({})).to.eql({ ids: [5, 4], page: 1, size: 2, sort: 'id', descending: true, total: 5, pages: 3, from: 1, to: 2 })
  })

  it('keeps rows of equal rank in a fixed order over the pages', async () => {
    expect([await list({ sort: 'name' }), await list({ sort: 'name', page: '2' })].map((p) => p.ids)).to.eql([[2, 3], [5, 1]])
  })

  it('is empty behind its end', async () => {
    expect(await list({ page: '9' })).to.include({ from: 0, to: 0, total: 5 })
  })

  it('falls back on its rules for anything it does not know', () => {
    for (const query of [{ sort: 'password', page: '-1', size: '0' }, { sort: ['name'], page: 'x', size: '1e9' }, { sort: 'constructor', page: '01' }]) expect(parsePaging(query, rules)).to.eql({ page: 1, size: 2, sort: 'id', descending: true, column: 'id' })
    expect(parsePaging({ size: '5000' }, rules).size).to.equal(100)
  })
})
