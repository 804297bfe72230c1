import { expect } from 'chai'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { useKasmWorld, type Bought } from '../../testing/kasm-world.js'
import { useShop } from '../../testing/shop.js'
import { openPassword } from '../credentials.js'

describe('The login of a workspace', () => {
  const world = useKasmWorld()
  const shop = useShop()
  const htmx = { 'hx-request': 'true' }
  const revealed = async () => (await world.events()).filter((type) => type === 'workspace.credentials-revealed').length

  async function ready() {
    const bought = await world.running()
    const browser = await shop.as(bought.workspace.userId)
    const href = `/services/${bought.service.publicId}`
    const page = await browser.get(href)
    return { bought, browser, href, page, password: openPasswordOf(bought) }
  }
  const openPasswordOf = ({ service, workspace }: Bought) => world.as(world.acme, async () => openPassword(service.publicId, workspace.passwordEncrypted!))

  it('is on no page and in no letter until its owner asks, then in that answer only, and the asking is written down', async () => {
    const { bought, browser, href, page, password: secret } = await ready()
    const password = await secret
    expect(page.body).to.contain('Show login').and.to.not.contain(password).and.to.not.contain(bought.workspace.username!)
    const answer = await browser.post(`${href}/credentials`, {})
    expect([answer.status, answer.headers['cache-control']]).to.deep.equal([200, 'private, no-store'])
    expect(answer.body).to.contain(password).and.to.contain(bought.workspace.username!)
    expect(await revealed()).to.equal(1)
    expect((await browser.get(href)).body, 'hidden again').to.not.contain(password)
    expect((await browser.get(`${href}/credentials`)).headers.location, 'a reload of the address shows nothing').to.equal(href)
    const written = await world.as(world.acme, async () => JSON.stringify([await tenantDb()('events').select(), await tenantDb()('mail_messages').select()]))
    expect(written).to.not.contain(password)
  })

  it('answers htmx with the same card, opened', async () => {
    const { browser, href, password } = await ready()
    const { body, headers } = await browser.post(`${href}/credentials`, {}, htmx)
    expect(body).to.match(/^\s*<section class="card" id="credentials"/).and.to.contain(await password).and.to.contain('Hide it')
    expect(headers['cache-control']).to.equal('private, no-store')
  })

  it('does not exist for anybody else, and asks strangers to sign in', async () => {
    const { href } = await ready()
    const other = await shop.as(await world.customer())
    await other.get('/services')
    expect((await other.post(`${href}/credentials`, {})).status).to.equal(404)
    const guest = shop.guest()
    await guest.get('/')
    expect((await guest.post(`${href}/credentials`, {})).headers.location).to.match(/^\/sign-in/)
    expect(await revealed()).to.equal(0)
  })

  it('is refused while there is none, and when the workspace is suspended or removed', async () => {
    const bought = await world.order()
    const browser = await shop.as(bought.workspace.userId)
    const href = `/services/${bought.service.publicId}`
    await browser.get('/services')
    expect((await browser.post(`${href}/credentials`, {}, htmx)).body).to.contain('made while the workspace is set up').and.to.contain('Show login')
    for (let n = 0; n < 6; n++) await world.later(3)
    await world.as(world.acme, async () => tenantDb()('services').update({ status: 'suspended' }))
    expect((await browser.post(`${href}/credentials`, {})).status).to.equal(303)
    await world.as(world.acme, async () => { await tenantDb()('services').update({ status: 'active' }); await tenantDb()('kasm_workspaces').update({ status: 'archived' }) })
    expect((await browser.post(`${href}/credentials`, {}, htmx)).body).to.contain('has been removed')
    expect(await revealed()).to.equal(0)
  })

  it('can be asked for ten times an hour', async () => {
    const { browser, href, password } = await ready()
    for (let n = 0; n < 10; n++) expect((await browser.post(`${href}/credentials`, {}, htmx)).status).to.equal(200)
    const eleventh = await browser.post(`${href}/credentials`, {}, htmx)
    expect(eleventh.status).to.equal(429)
    expect(eleventh.body).to.not.contain(await password)
    expect(await revealed()).to.equal(10)
  })
})
