import { expect } from 'chai'
import { withAdmin } from '../../shared/database/migration-connection.js'
import { clock } from '../../shared/time/clock.js'
import { useKasmWorld } from '../testing/kasm-world.js'
import { restartWorkspace } from './restart-workspace.js'
import { stopWorkspace } from './stop-workspace.js'

describe('A verb whose transaction is repeated after a deadlock (here a trigger that reports one)', () => {
  const world = useKasmWorld()
  const inAcme = <T>(fn: () => Promise<T>): Promise<T> => world.as(world.acme, fn)
  const atAcme = (statement: (name: string) => string) => withAdmin(world.acme.db.serverId, (root) => root.query(statement(world.acme.db.database)))
  /** The event is the last that the claim writes: the row has moved by then. */
  const unlucky = (times: number) => atAcme((name) => `create trigger ${name}.unlucky before insert on ${name}.events for each row
    if new.type = 'workspace.stop-requested' and coalesce(@met, 0) < ${times} then set @met = coalesce(@met, 0) + 1; signal sqlstate '40001' set mysql_errno = 1213, message_text = 'Deadlock'; end if`)
  afterEach(() => atAcme((name) => `drop trigger if exists ${name}.unlucky`))

  it('is done once, with the object that it was given', async () => {
    const { workspace } = await world.running()
    await unlucky(2)
    await inAcme(() => stopWorkspace(workspace))
    expect([workspace.status, workspace.stopReason, (await world.sessions())[0]!.stoppedAt]).to.deep.equal(['stopping', 'customer', clock.now()])
    expect((await world.events()).filter((type) => type === 'workspace.stop-requested' || type === 'workspace.session-closed')).to.have.length(2)
  })

  it('leaves the object as it was when it fails for good, so that it can be asked again', async () => {
    const { workspace, service } = await world.running()
    await unlucky(99)
    expect(await inAcme(() => restartWorkspace(workspace, service)).catch((e: { errno: number }) => e.errno)).to.equal(1213)
    expect([workspace.status, workspace.nextWish, workspace.stopRequestedAt]).to.deep.equal(['running', null, null])
    expect((await world.fresh({ workspace, service })).workspace.status).to.equal('running')
  })
})
