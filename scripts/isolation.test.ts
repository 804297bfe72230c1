import { expect } from 'chai'
import { createApp } from '../shared/http/app.js'
import { tenantDb } from '../shared/database/tenant-database.js'
import { hashPassword } from '../shared/security/password.js'
import { newPublicId } from '../shared/security/token.js'
import { runInTenant } from '../shared/tenancy/context.js'
import { plugDirectory } from '../shared/tenancy/directory.js'
import { makeTenant, type Tenant } from '../shared/tenancy/tenant.js'
import { Browser } from '../shared/testing/browser.js'
import { listen, type RunningServer } from '../shared/http/server.js'
import { makeTestTenant, useWorld } from '../shared/testing/world.js'
import { brokerOf } from '../shared/database/tenant-database.js'
import { forgetHosts } from '../shared/tenancy/resolve-host.js'
import { tenantApp } from '../tenant/app.js'
import { Customer } from '../tenant/customers/customer.js'
import { Plan } from '../tenant/catalog/plan.js'
import { Router } from 'express'
import { clock } from '../shared/time/clock.js'

describe('ten shops under interleaved traffic', function () {
  this.timeout(600_000)
  const world = useWorld()
  const password = 'a quiet harbour town'
  const shops: Array<{ tenant: Tenant; mark: string; visitors: Browser[] }> = []
  let server: RunningServer

  async function fill(tenant: Tenant, mark: string, hash: string): Promise<void> {
    await runInTenant(tenant, async () => {
      await Plan.query().insert({ publicId: newPublicId(), slug: 'developer_basic', name: `Plan ${mark}`, description: '', serviceType: 'kasm_workspace', billingCycle: 'hourly', currency: 'USD', priceMicros: 150_000, setupFeeMinor: 0, kasmWorkspaceType: 'developer_basic', vcpu: 2, ramMb: 4096, status: 'active', sortOrder: 1, version: 1 })
      await Customer.query().insert({ publicId: newPublicId(), name: `Customer ${mark}`, email: 'same@mail.example', passwordHash: hash, emailVerifiedAt: clock.now(), country: 'GB', currency: 'USD', timeZone: 'UTC', locale: 'en', status: 'active', billingAnchorDay: 1 })
    })
  }

  before(async () => {
    const hash = await hashPassword(password)
    for (let i = 0; i < 10; i++) {
      const mark = `mark${String.fromCharCode(97 + i).repeat(6)}`
      const made = await makeTestTenant(`shop${i}`, 10 + i)
      const tenant = makeTenant({ ...made, db: { ...made.db, password: made.db.password }, brand: { ...made.brand, companyName: `Brand ${mark}` } })
      world.directory.put(tenant)
      await fill(tenant, mark, hash)
      shops.push({ tenant, mark, visitors: [] })
    }
    plugDirectory(world.directory)
    forgetHosts()
    server = await listen(createApp({ tenantApp, consoleApp: Router(), platformApp: Router() }), { port: 0, bind: '127.0.0.1' })
    for (const shop of shops) {
      const [guest, customer] = [new Browser(server.port, shop.tenant.primaryHost), new Browser(server.port, shop.tenant.primaryHost)]
      const entered = await customer.fill('/sign-in', { email: 'same@mail.example', password })
      expect(entered.status, shop.mark).to.equal(303)
      shop.visitors.push(guest, customer)
    }
  })
  after(() => server?.stop({ graceMs: 500 }))

  it('answers 5,000 requests, each with rows of its own shop only', async () => {
    const marks = shops.map((shop) => shop.mark)
    let [left, foreign, wrong] = [5000, 0, 0]
    // A fixed sequence, so that a failure can be repeated; neighbours are always of different shops.
    let seed = 42
    const random = (n: number): number => Math.floor(((seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647) * n)
    const visit = async (): Promise<void> => {
      while (left-- > 0) {
        const shop = shops[random(10)]!
        const asCustomer = random(2)
        const { status, body } = await shop.visitors[asCustomer]!.get(asCustomer ? '/account' : '/')
        if (status !== 200 || !body.includes(asCustomer ? `Customer ${shop.mark}` : `Plan ${shop.mark}`)) wrong++
        if (marks.some((mark) => mark !== shop.mark && body.includes(mark))) foreign++
      }
    }
    await Promise.all(Array.from({ length: 48 }, visit))
    expect({ foreign, wrong }).to.deep.equal({ foreign: 0, wrong: 0 })
    const { size, steals } = brokerOf(1).snapshot()
    expect(size).to.be.at.most(12)
    expect(steals).to.be.greaterThan(0)
  })

  it('refuses one shop’s account the rows of another, whatever the code does', async () => {
    const [a, b] = [shops[0]!.tenant, shops[1]!.tenant]
    const outcome = await runInTenant(a, () => tenantDb().raw(`select * from \`${b.db.database}\`.users`).then(() => 0, (error: { errno?: number }) => error.errno))
    expect([1142, 1044]).to.include(outcome)
  })

  it('takes a session of one shop for nothing in another', async () => {
    const cookie = [...shops[0]!.visitors[1]!.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await new Browser(server.port, shops[1]!.tenant.primaryHost).send('/account', { headers: { cookie } })
    expect(answer.status).to.equal(303)
  })
})
