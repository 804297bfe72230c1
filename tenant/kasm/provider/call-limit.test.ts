import { expect } from 'chai'
import { OutsideError } from '../../../shared/errors.js'
import { startKasmSimulator, type KasmSimulator } from '../../../shared/simulators/kasm.js'
import { MemoryDirectory } from '../../../shared/testing/memory-directory.js'
import { plugDirectory } from '../../../shared/tenancy/directory.js'
import { forgetTurns, takeTurn } from './call-limit.js'
import { connectedApi } from './connected-api.js'

describe('Calls to a server', () => {
  it('may come in tens of seconds’ worth at once, then at the pace that is allowed', () => {
    const bucket = { freeAt: 0 }
    const waits = Array.from({ length: 13 }, () => takeTurn(bucket, 60, 1_000_000))
    expect(waits).to.deep.equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1000, 2000, 3000])
    expect(takeTurn(bucket, 60, 1_000_000 + 60_000)).to.equal(0)
  })
  it('never exceed a minute’s allowance by more than what may come at once', () => {
    const bucket = { freeAt: 0 }
    let sent = 0
    for (let now = 0; now < 60_000; now += 50) if (takeTurn(bucket, 30, now, 0) === 0) sent++
    expect(sent).to.be.within(30, 35)
  })
  it('are refused when they would wait longer than five seconds, and then take nobody’s turn', () => {
    const bucket = { freeAt: 0 }
    expect([1, 2, 3].map(() => takeTurn(bucket, 12, 0))).to.deep.equal([0, 0, 5000])
    expect([takeTurn(bucket, 12, 0), takeTurn(bucket, 12, 0)]).to.deep.equal([null, null])
    expect(takeTurn(bucket, 12, 5000)).to.equal(5000)
  })

  describe('that is asked too often', () => {
    let simulator: KasmSimulator
    const directory = new MemoryDirectory()
    before(async () => {
      simulator = await startKasmSimulator()
      plugDirectory(directory)
    })
    after(() => simulator.down())
    it('fail as "rate-limited", which may be repeated, never reach it, and say nothing against its health', async () => {
      forgetTurns()
      const { apiKey, apiKeySecret } = simulator.settings
      const api = connectedApi(directory.connect({ id: 77, baseUrl: simulator.url, secrets: { apiKey, apiKeySecret }, settings: { callsPerMinute: 6 } }))
      await api.sessions()
      const error = await api.sessions().catch((e: unknown) => e)
      expect(error).to.be.instanceOf(OutsideError).and.to.include({ code: 'rate-limited', retryable: true, unknown: false })
      expect(simulator.seen('get_kasms')).to.have.length(1)
      expect(directory.outcomes).to.deep.equal([{ ok: true, sessions: 0, connectionId: 77 }])
    })
    it('wait for their turn where it is near', async () => {
      forgetTurns()
      const { apiKey, apiKeySecret } = simulator.settings
      const api = connectedApi(directory.connect({ id: 78, baseUrl: simulator.url, secrets: { apiKey, apiKeySecret }, settings: { callsPerMinute: 300 } }))
      const began = performance.now()
      await Promise.all(Array.from({ length: 53 }, () => api.sessions()))
      expect(performance.now() - began).to.be.at.least(600)
      expect(simulator.seen('get_kasms')).to.have.length(54)
    })
  })
})
