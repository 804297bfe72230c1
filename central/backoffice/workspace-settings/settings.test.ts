import { expect } from 'chai'
import { keepFiles } from '../../../tenant/kasm/keep-files.js'
import { useDesk, words } from '../../testing/desk-world.js'

describe('How workspaces appear to a shop’s customers, at the desk', () => {
  const { inAcme, member } = useDesk()
  const path = '/reseller/workspace-settings'

  it('the owner says how long files are kept, and what is no number of days is said beside the field', async () => {
    const owner = await member('acme')
    const bad = await owner.fill(path, { _method: 'put', days: '120' }, `${path}/kept-files`)
    expect([bad.status, words(bad.body)]).to.satisfy(([status, text]: [number, string]) => status === 422 && text.includes('At most 90 days.'))
    expect(bad.body).to.contain('value="120"')
    expect((await owner.fill(path, { _method: 'put', days: '30' }, `${path}/kept-files`)).status).to.equal(303)
    expect(await inAcme(() => keepFiles.read())).to.deep.equal({ days: 30 })
  })

  it('support reads it and changes nothing', async () => {
    const support = await member('acme', 'support')
    expect((await support.get(path)).body).to.not.contain('Save days')
    expect((await support.fill(path, { _method: 'put', days: '1' }, `${path}/kept-files`)).status).to.equal(409)
    expect((await inAcme(() => keepFiles.read())).days).to.equal(30)
  })

  it('a shop does not name its supplier', async () => {
    const owner = await member('acme')
    const refused = await owner.fill(path, { _method: 'put', name: 'Kasm desks', one: 'desk' }, `${path}/names`)
    expect([refused.status, words(refused.body)]).to.satisfy(([status, text]: [number, string]) => status === 422 && text.includes('Choose a name of your own'))
    expect((await owner.fill(path, { _method: 'put', name: 'Cloud desks', one: 'cloud desk' }, `${path}/names`)).status).to.equal(303)
    expect((await owner.get(path)).body).to.contain('value="Cloud desks"')
  })
})
