import { expect } from 'chai'
import { reactionsTo } from '../shared/events/reactions.js'
import { schedules } from '../shared/jobs/timetable.js'
import { allLetters } from '../shared/mail/letter.js'
import { compose } from '../shared/mail/compose.js'
import { runInTenant } from '../shared/tenancy/context.js'
import { useWorld } from '../shared/testing/world.js'
import './timetable.js'

describe('What a shop does by itself', () => {
  const world = useWorld()
  const order = schedules().filter((s) => s.scope === 'tenant').map((s) => s.name)

  it('looks at the meter before it bills, and bills before it collects', () => {
    const places = ['kasm.poll', 'billing.find-ended-months', 'payments.collect-due'].map((name) => order.indexOf(name))
    expect(places).to.not.include(-1)
    expect(places).to.deep.equal([...places].sort((a, b) => a - b))
  })
  it('sweeps every state that waits', () => expect(order).to.include.members(['kasm.sweep', 'kasm.record-months', 'payments.resolve-due', 'auth.sweep', 'ordering.expire-orders', 'ordering.expire-quotes', 'services.end-kept']))
  it('reacts to a run that ended, a workspace that is ready, and an issued invoice', () => {
    for (const type of ['workspace.session-closed', 'workspace.ready', 'service.provisioning-failed', 'invoice.issued', 'invoice.paid']) expect(reactionsTo(type).size, type).to.be.greaterThan(0)
  })
  it('can write every letter of a customer in the shop’s brand, without naming anybody behind it', async () => {
    const letters = allLetters().filter((l) => l.view.startsWith('tenant/'))
    expect(letters.length).to.be.greaterThan(4)
    await runInTenant(world.acme, () => {
      for (const letter of letters) {
        const { subject, html, text } = compose(letter, letter.preview())
        expect(subject + html + text, letter.name).to.contain('Acme').and.to.not.match(/ezscale/i)
      }
    })
  })
})
