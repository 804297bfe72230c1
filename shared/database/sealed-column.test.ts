import { expect } from 'chai'
import { runInTenant } from '../tenancy/context.js'
import type { Tenant } from '../tenancy/tenant.js'
import { sealed } from './sealed-column.js'

const tenant = (uuid: string) => ({ uuid, generation: 1, slug: uuid }) as Tenant

describe('A sealed column', () => {
  it('opens where it was sealed, and nowhere else', async () => {
    const column = () => sealed('gateway_accounts', 'secret_key', 'main')
    const text = await runInTenant(tenant('acme'), () => column().seal('sk_live_1'))
    expect(text).to.not.contain('sk_live_1')
    expect(await runInTenant(tenant('acme'), () => column().open(text))).to.equal('sk_live_1')
    const elsewhere = [
      () => runInTenant(tenant('globex'), () => column().open(text)),
      () => runInTenant(tenant('acme'), () => sealed('gateway_accounts', 'secret_key', 'other').open(text)),
      () => runInTenant(tenant('acme'), () => sealed('gateway_accounts', 'webhook_secret', 'main').open(text)),
      async () => column().open(text),
    ]
    for (const open of elsewhere) expect(await open().then(() => 'opened', () => 'refused')).to.equal('refused')
  })
})
