import { expect } from 'chai'
import { stepsOf } from './setup-steps.js'
import type { Workspace } from './workspace.js'

const at = (second: number): Date => new Date(Date.UTC(2026, 10, 10, 9, 0, second))
const facts = { status: 'provisioning', createdAt: at(0), startRequestedAt: at(0), groupJoinedAt: null, desktopAskedAt: null, provisionedAt: null, kasmUserId: null, kasmWorkspaceId: null, startAttempts: 0, nextAttemptAt: at(0), vcpu: 2, ramMb: 4096 }
const of = (change: object, second: number) => stepsOf({ ...facts, ...change } as unknown as Workspace, at(second))
const states = (change: object, second = 5): string => of(change, second).map((s) => s.state).join(' ')

describe('The timeline of a new workspace', () => {
  it('goes from queued to ready, each step with its own time', () => {
    expect(states({})).to.equal('done current waiting waiting')
    expect(states({ kasmUserId: 'u', groupJoinedAt: at(2) })).to.equal('done done current waiting')
    expect(states({ kasmUserId: 'u', kasmWorkspaceId: 'k', status: 'starting' })).to.equal('done done done current')
    const ready = of({ kasmUserId: 'u', kasmWorkspaceId: 'k', groupJoinedAt: at(2), desktopAskedAt: at(3), provisionedAt: at(40), status: 'running' }, 41)
    expect(ready.map((s) => [s.label, s.state, s.at?.getTime()])).to.deep.equal([['Queued', 'done', at(0).getTime()], ['Creating your account', 'done', at(2).getTime()], ['Starting the desktop', 'done', at(3).getTime()], ['Ready', 'done', at(40).getTime()]])
  })

  it('is shown for ten minutes after the first run began, and not a second longer', () => {
    expect(of({ provisionedAt: at(0), status: 'running' }, 599)).to.have.length(4)
    expect(of({ provisionedAt: at(0), status: 'running' }, 600)).to.deep.equal([])
    expect(of({ status: 'archived' }, 1)).to.deep.equal([])
  })

  it('says from the second after 90 that it takes longer than usual, with the minutes', () => {
    expect(of({}, 90)[1]!.text).to.equal('Your files live there, whatever happens to the desktop.')
    expect(of({}, 91)[1]!.text).to.match(/longer than usual: 1 min so far.*nothing is charged/)
  })

  it('says how many tries failed and when the next one is, and does not pretend after giving up', () => {
    expect(of({ startAttempts: 3, nextAttemptAt: at(245) }, 5)[1]!.text).to.match(/3 tries have failed so far\. The next one is in about 4 minutes/)
    expect(of({ startAttempts: 1, nextAttemptAt: at(6) }, 5)[1]!.text).to.match(/one try has failed so far\. The next one is due now/)
    expect(states({ status: 'failed' })).to.equal('done failed waiting waiting')
    expect(of({ status: 'failed' }, 5)[1]!.text).to.contain('Our team has been told')
  })
})
