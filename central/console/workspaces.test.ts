import { expect } from 'chai'
import { clock } from '../../shared/time/clock.js'
import { centralDb } from '../../shared/database/central-database.js'
import { reportCounts } from '../../tenant/kasm/report-counts.js'
import { reportTrouble } from '../../tenant/kasm/report-trouble.js'
import { Service } from '../../tenant/services/service.js'
import { connectProvider } from '../providers/connect-provider.js'
import { asStaff } from '../testing/central-world.js'
import { useDesk, words } from '../testing/desk-world.js'
import { newFailed, newWorkspace } from '../testing/workspace-world.js'

describe('Workspaces over all shops, at the console', function () {
  this.timeout(60_000)
  const { inShop, staff } = useDesk({ at: '2026-11-10T00:00:00Z' })
  const server = async (name: string, label: string): Promise<number> => {
    await connectProvider({ kind: 'kasm', name, label, region: 'eu-west', baseUrl: 'http://127.0.0.1:9', secrets: { apiKey: 'k', apiKeySecret: 's' }, settings: {} })
    return ((await centralDb()('provider_connections').where({ name }).first('id')) as { id: number }).id
  }
  beforeEach(() => clock.set('2026-11-10T12:00:00Z'))
  after(() => clock.set())

  it('are counted by server and by reseller from what shops told, without a visit, and forgotten when they are gone', async () => {
    const [first, second] = await asStaff(async () => [await server('first', 'Frankfurt 1'), await server('second', 'Frankfurt 2')])
    const doomed = await inShop('acme', () => newWorkspace({ runningSince: '2026-11-10T11:00:00Z', server: second! }))
    await inShop('acme', () => newWorkspace({ runningSince: '2026-11-10T11:00:00Z' }))
    await inShop('acme', () => newWorkspace({ status: 'starting', server: first! }))
    await inShop('globex', () => newWorkspace({ runningSince: '2026-11-10T11:00:00Z', server: second! }))
    await inShop('globex', () => newWorkspace({ status: 'archived', server: second! }))
    for (const slug of ['acme', 'globex']) await inShop(slug, () => reportCounts())
    const sam = await staff()
    const page = words((await sam.get('/workspaces')).body)
    expect(page).to.contain('Running now 3').and.to.match(/Frankfurt 2 eu-west 2 0 0 0/).and.to.match(/Frankfurt 1 eu-west 1 1 0 0/)
    expect(page).to.match(/Acme 2 1 0/).and.to.match(/Globex 1 0 0/)
    expect(sam.last!.body).to.contain('href="/tenants/acme/workspaces"').and.to.contain(`href="/servers/${second}/strangers"`)
    expect(words((await sam.get('/workspaces?q=glob')).body)).to.contain('1–1 of 1').and.to.not.contain('Acme')
    await inShop('acme', async () => { await doomed.workspace.$query().patch({ status: 'terminated' }) })
    await inShop('acme', () => reportCounts())
    expect(words((await sam.get('/workspaces?sort=name')).body)).to.contain('Running now 2').and.to.match(/Acme 1 1 0/)
    expect((await sam.get('/workspaces?sort=(select)&page=0&q=%25')).status).to.equal(200)
  })

  it('that failed are tried again in several shops at once, each with its own result', async () => {
    const a = await inShop('acme', () => newFailed({ name: 'at-acme' }))
    const b = await inShop('globex', () => newFailed({ name: 'at-globex' }))
    await inShop('acme', () => reportTrouble(a.workspace.id))
    await inShop('globex', () => reportTrouble(b.workspace.id))
    const sam = await staff()
    const ids = [...(await sam.get('/failures')).body.matchAll(/name="pick_(\d+)"/g)].map((m) => m[1]!)
    expect(ids).to.have.length(2)
    expect(words((await sam.post('/failures/selection', Object.fromEntries(ids.map((id) => [`pick_${id}`, 'on'])))).body)).to.contain('at-acme could not be set up').and.to.contain('at-globex could not be set up')
    await inShop('globex', async () => { await Service.query().patch({ status: 'terminated' }).where({ id: b.service.id }) })
    const result = words((await sam.post('/failures/retries', { ids: ids.join(',') })).body)
    expect(result).to.match(/at-acme.{0,60}Being set up/).and.to.match(/at-globex.{0,60}Not tried This service is not waiting/)
    expect((await inShop('acme', async () => Service.query().findById(a.service.id)))!.status).to.equal('provisioning')
  })
})
