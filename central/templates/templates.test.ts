import { expect } from 'chai'
import { centralDb } from '../../shared/database/central-database.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { runDueJobs } from '../../shared/jobs/run-due-jobs.js'
import { KasmSimulator } from '../../shared/simulators/kasm.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { clock } from '../../shared/time/clock.js'
import { Template } from '../../tenant/kasm/templates/template.js'
import { connectProvider } from '../providers/connect-provider.js'
import { allConnections, type ConnectionRow } from '../providers/connection.js'
import { asStaff } from '../testing/central-world.js'
import { useDesk, words } from '../testing/desk-world.js'
import { readCatalogue } from './catalogue.js'
import { changeTemplate } from './curate-template.js'
import { deliverTemplates, offerTemplates, shopsBehind } from './deliver-templates.js'
import { ProviderImage } from './provider-image.js'
import { syncImages } from './sync-images.js'
import { TemplateLink, WorkspaceTemplate } from './workspace-template.js'

describe('Templates: from the servers’ images to the shops', function () {
  this.timeout(60_000)
  const desk = useDesk()
  const eu = new KasmSimulator()
  const us = new KasmSimulator()
  const rows: Record<string, ConnectionRow> = {}
  const connect = (name: string, sim: KasmSimulator, tenantId?: number) => asStaff(async () => {
    const { apiKey, apiKeySecret } = sim.settings
    await connectProvider({ kind: 'kasm', name, baseUrl: sim.url, secrets: { apiKey, apiKeySecret }, settings: {} })
    if (tenantId) await centralDb()('provider_connections').where({ name }).update({ tenant_id: tenantId })
    rows[name] = (await allConnections()).find((row) => row.name === name)!
  })
  const look = (name: string) => asStaff(() => syncImages(rows[name]!))
  const images = (name: string) => asStaff(() => ProviderImage.query().where({ providerConnectionId: rows[name]!.id }).orderBy('id').execute())
  const deliver = async () => { while ((await runDueJobs()) > 0); }
  const inAcme = <T>(work: () => Promise<T>): Promise<T> => desk.inAcme(work)
  const acme = (key: string) => inAcme(() => Template.findOwned<Template>({ centralKey: key }))
  const staff = async () => { const browser = await desk.staff(); await browser.get('/templates'); return browser }
  const member = async (role: 'owner' | 'support') => { const browser = await desk.member('acme', role); await browser.get('/reseller/workspace-templates'); return browser }
  const own = (name: string, id = 'f'.repeat(32)) => ({ image_id: id, name: `registry.example/${name}`, friendly_name: name, description: `About ${name}`, cores: 2, memory: 4 * 1024 ** 3, enabled: true, available: true, image_src: 'http://evil.example/x.svg', categories: ['developer'] })

  before(async () => {
    await Promise.all([eu.up(), us.up()])
    await connect('eu', eu)
    await connect('us', us)
  })
  after(() => Promise.all([eu.down(), us.down()]))

  it('gives a new shop the 18 templates of the catalogue, each under its key', async () => {
    const held = await inAcme(() => Template.inOrder())
    expect(held).to.have.length(18)
    expect(new Set(held.map((t) => t.centralKey)).size).to.equal(18)
    expect(held[0]).to.include({ centralKey: 'vscode-basic', vcpuDefault: 2, ramMbDefault: 4096, symbol: 'code', status: 'active' })
    expect(held[0]!.imageOn(rows['eu']!.id)).to.equal(held[0]!.kasmTemplateId)
  })

  it('finds every image of a server once, and links those of a fresh installation by themselves', async () => {
    expect(await look('eu')).to.include({ added: 18, changed: 0, missing: 0, listed: 18, error: null })
    expect(await look('eu')).to.include({ added: 0, changed: 0, missing: 0, listed: 18 })
    expect(await asStaff(() => TemplateLink.query().resultSize())).to.equal(18)
    await deliver()
    expect(await asStaff(() => shopsBehind())).to.deep.equal([])
    expect((await acme('vscode-basic')).isOfferedOn(rows['eu']!.id)).to.equal(true)
    expect((await acme('vscode-basic')).isOfferedOn(rows['us']!.id), 'nobody has looked there yet').to.equal(false)
  })

  it('keeps what a server calls the image on each connection', async () => {
    us.state.images.forEach((image, n) => { image.image_id = (n + 1).toString(16).padStart(32, '0') })
    await look('us')
    const template = await asStaff(() => WorkspaceTemplate.findOwned<WorkspaceTemplate>({ centralKey: 'vscode-basic' }))
    const browser = await staff()
    const image = (await images('us')).find((i) => i.vcpu === 2)!
    const form = { name: template.name, description: template.description, workspaceType: 'developer', icon: 'code', preinstalledApps: 'VS Code', [`image_${rows['eu']!.id}`]: String((await images('eu'))[0]!.id) }
    const big = (await images('us')).find((i) => i.vcpu === 8)!
    const refused = await browser.post('/templates/vscode-basic', { ...form, _method: 'put', [`image_${rows['us']!.id}`]: String(big.id) })
    expect([refused.status, words(refused.body)]).to.satisfy(([status, text]: [number, string]) => status === 422 && text.includes('This image has 8 vCPU, 16 GB; the template has 2 vCPU, 4 GB.'))
    expect((await browser.post('/templates/vscode-basic', { ...form, _method: 'put', [`image_${rows['us']!.id}`]: String(image.id) })).status).to.equal(303)
    await deliver()
    const held = await acme('vscode-basic')
    expect([held.imageOn(rows['eu']!.id), held.imageOn(rows['us']!.id), held.imageOn(999)]).to.deep.equal([eu.state.images[0]!.image_id, image.imageId, null])
  })

  it('never overwrites what a shop has named, ordered or switched off, whatever central changes', async () => {
    const owner = await member('owner')
    const { id, name } = await acme('vscode-basic')
    await owner.post(`/reseller/workspace-templates/${id}`, { _method: 'put', name: 'Acme Studio', description: 'Ours alone.', icon: 'palette' })
    await owner.post(`/reseller/workspace-templates/${id}/position`, { way: 'down' })
    await owner.post(`/reseller/workspace-templates/${id}/withdrawal`, {})
    const before = await acme('vscode-basic')
    await asStaff(() => centralDb()('workspace_templates').where({ central_key: 'vscode-basic' }).update({ name: 'Ubuntu 24.04 with VS Code', description: 'Newer.', icon: 'terminal-2', sort_order: 900 }))
    await asStaff(() => offerTemplates())
    await deliver()
    const after = await acme('vscode-basic')
    expect(after).to.include({ name: 'Ubuntu 24.04 with VS Code', icon: 'terminal-2', sortOrder: 900 })
    expect([after.label, after.text, after.symbol, after.order, after.enabled]).to.deep.equal(['Acme Studio', 'Ours alone.', 'palette', before.order, false])
    expect(after.order).to.be.greaterThan(0)
    const globex = await desk.inShop('globex', () => Template.findOwned<Template>({ centralKey: 'vscode-basic' }))
    expect([globex.label, globex.enabled, name]).to.deep.equal(['Ubuntu 24.04 with VS Code', true, 'Ubuntu 22.04 with VS Code'])
  })

  it('marks what vanished and what changed its size, takes both off the order pages, and forgets nothing', async () => {
    const [gone, grown] = eu.state.images.splice(1, 2) as [typeof eu.state.images[number], typeof eu.state.images[number]]
    eu.state.images.push({ ...grown, cores: 16 }, own('Data science'))
    expect(await look('eu')).to.include({ added: 1, changed: 1, missing: 1 })
    await deliver()
    const [pro, enterprise] = [await acme('vscode-pro'), await acme('vscode-enterprise')]
    expect([pro.isOfferedOn(rows['eu']!.id), enterprise.isOfferedOn(rows['eu']!.id)]).to.deep.equal([false, false])
    expect(pro.imageOn(rows['eu']!.id), 'those who have it can still start').to.equal(gone.image_id)
    expect(enterprise.vcpuDefault, 'nobody’s plan changes its size by itself').to.equal(8)
    eu.state.images.push(gone)
    expect(await look('eu')).to.include({ added: 0, changed: 1, missing: 0 })
    await deliver()
    expect((await acme('vscode-pro')).isOfferedOn(rows['eu']!.id)).to.equal(true)
  })

  it('believes neither an empty list nor silence', async () => {
    const kept = eu.state.images
    eu.state.images = []
    expect((await look('eu')).error).to.contain('listed no image at all')
    eu.state.images = kept
    await eu.down()
    expect((await look('eu')).error).to.be.a('string')
    await eu.up()
    expect((await images('eu')).filter((image) => image.missingSince !== null)).to.deep.equal([])
  })

  it('makes a template of a new image in the image’s size, which every shop then offers', async () => {
    const browser = await staff()
    const page = await browser.get(`/templates/images?server=${rows['eu']!.id}`)
    expect(words(page.body)).to.contain('Data science').and.to.contain('2 vCPU, 4 GB').and.to.not.contain('Secure browser (basic)')
    expect(page.body, 'no picture of elsewhere').to.not.contain('evil.example')
    const image = (await images('eu')).find((i) => i.name === 'Data science')!
    const bad = await browser.post('/templates', { image: String(image.id), name: 'Data lab', description: 'Notebooks.', workspaceType: 'developer', icon: 'no-such-icon', preinstalledApps: '' })
    expect([bad.status, bad.body.includes('value="Data lab"')]).to.deep.equal([422, true])
    const made = await browser.post('/templates', { image: String(image.id), name: 'Data lab', description: 'Notebooks.', workspaceType: 'developer', icon: 'chart-line', preinstalledApps: 'Jupyter\nPython, R\nPython' })
    expect(made.headers.location).to.equal('/templates/data-lab-2x4')
    await deliver()
    for (const slug of ['acme', 'globex']) {
      const held = await desk.inShop(slug, () => Template.findOwned<Template>({ centralKey: 'data-lab-2x4' }))
      expect(held).to.include({ name: 'Data lab', vcpuDefault: 2, ramMbDefault: 4096, kasmTemplateId: image.imageId })
      expect(held.preinstalledApps).to.deep.equal(['Jupyter', 'Python', 'R'])
    }
  })

  it('shows before deprecating how many shops and workspaces use it, and hides it from orders afterwards', async () => {
    const browser = await staff()
    const { id } = await acme('data-lab-2x4')
    await inAcme(async () => {
      const dated = { created_at: clock.now(), updated_at: clock.now() }
      const [user] = await tenantDb()('users').insert({ public_id: 'u'.repeat(20), email: 'c@example.com', name: 'C', currency: 'USD', time_zone: 'UTC', locale: 'en', ...dated })
      const plan = await tenantDb()('plans').first('id') as { id: number }
      const [service] = await tenantDb()('services').insert({ public_id: 's'.repeat(20), user_id: user, plan_id: plan.id, service_type: 'kasm_workspace', name: 'lab', status: 'active', currency: 'USD', price_micros: 1, ...dated })
      await tenantDb()('kasm_workspaces').insert({ user_id: user, service_id: service, template_id: id, workspace_type: 'developer_basic', status: 'running', vcpu: 2, ram_mb: 4096, template_name: 'Data lab', ...dated })
    })
    const preview = words((await browser.get('/templates/data-lab-2x4/deprecation')).body)
    expect(preview).to.contain('2 shops offer it now').and.to.contain('1 workspace in 1 shop use it, 1 running now').and.to.contain('Acme: 1 workspace')
    await browser.post('/templates/data-lab-2x4/deprecation', {})
    await deliver()
    const held = await acme('data-lab-2x4')
    expect([held.isOffered, held.imageOn(rows['eu']!.id) !== null]).to.deep.equal([false, true])
    expect((await browser.post('/templates/data-lab-2x4/deprecation', {})).status).to.equal(409)
    await browser.post('/templates/data-lab-2x4/deprecation', { _method: 'delete' })
    await deliver()
    expect((await acme('data-lab-2x4')).isOffered).to.equal(true)
  })

  it('gives an image of a shop’s own server to that shop alone', async () => {
    const mine = new KasmSimulator()
    await mine.up()
    mine.state.images = [own('Acme secret', 'e'.repeat(32))]
    const acmeId = (await desk.tenant('acme')).id
    await connect('acme-own', mine, acmeId)
    await look('acme-own')
    await mine.down()
    const [image] = await images('acme-own')
    await (await staff()).post('/templates', { image: String(image!.id), name: 'Acme secret', description: '', workspaceType: 'business', icon: 'shield-lock', preinstalledApps: '' })
    await deliver()
    const keys = (slug: string) => desk.inShop(slug, async () => (await Template.query().where({ name: 'Acme secret' })).map((t) => t.centralKey))
    expect([await keys('acme'), await keys('globex')]).to.deep.equal([['acme-secret-2x4'], []])
  })

  it('is behind only where something differs, and a shop that cannot be reached does not hold up the others', async () => {
    const catalogue = await asStaff(() => readCatalogue())
    expect(await asStaff(() => shopsBehind(catalogue))).to.deep.equal([])
    const { db } = await desk.tenant('acme')
    const table = (name: string): string => `\`${db.database}\`.${name}`
    await desk.admin.query(`rename table ${table('kasm_workspace_templates')} to ${table('away')}`)
    await (await staff()).post('/templates/jetbrains-basic/position', { way: 'up' })
    await deliver()
    expect((await asStaff(() => shopsBehind())).map((s) => [s.slug, s.error !== null])).to.deep.equal([['acme', true]])
    expect(words((await (await staff()).get('/templates')).body)).to.contain('1 shop not up to date yet')
    await desk.admin.query(`rename table ${table('away')} to ${table('kasm_workspace_templates')}`)
    await asStaff(async () => deliverTemplates((await centralDb()('tenants').where({ slug: 'acme' }).first('id') as { id: number }).id))
    expect(await asStaff(() => shopsBehind())).to.deep.equal([])
  })

  it('lets a supporter of the shop look, but change nothing', async () => {
    const support = await member('support')
    const { id, ownName } = await acme('vscode-pro')
    const list = await support.get('/reseller/workspace-templates')
    expect([list.status, list.body.includes('Switch off')]).to.deep.equal([200, false])
    expect((await support.post(`/reseller/workspace-templates/${id}`, { _method: 'put', name: 'Mine' })).status).to.equal(409)
    expect((await support.post(`/reseller/workspace-templates/${id}/withdrawal`, {})).status).to.equal(409)
    expect([(await acme('vscode-pro')).enabled, (await acme('vscode-pro')).ownName]).to.deep.equal([true, ownName])
  })

  it('offers a template nowhere once its image is taken off its last server', async () => {
    const acmeId = await inAcme(async () => currentTenant().id)
    await asStaff(async () => {
      const template = (await WorkspaceTemplate.inOrder()).find((t) => t.centralKey === 'vscode-basic')!
      const { name, description, workspaceType, preinstalledApps, icon } = template
      await changeTemplate(template, { name, description, workspaceType, preinstalledApps, icon }, new Map((await allConnections()).map((c) => [c.id, null])))
      expect((await readCatalogue()).of(acmeId).some((t) => t.key === 'vscode-basic')).to.equal(false)
    })
    await deliver()
    expect((await acme('vscode-basic')).isOfferedOn(rows['eu']!.id)).to.equal(false)
  })
})
