/** What a fleet command shows while it works: a bar on a terminal, a plain line every ten seconds elsewhere, a line of JSON a tenant with --ndjson. */
import { SingleBar } from 'cli-progress'
import type { FleetFailure, FleetResult, Reporter } from '../../shared/tenancy/fleet-report.js'
import { animated, dim, print, red, say } from './terminal.js'

const seconds = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`)
const everyMs = 10_000

/** tenant, file, step, statement, the server's code, and how to go on. */
export function failureText(result: FleetResult): string {
  const f = result.failure as FleetFailure
  const where = f.file ? `${f.file}${f.step ? `, statement ${f.step} of ${f.steps}` : ''}: ` : ''
  const lines = [red(`${result.tenant}: ${where}${f.message}${f.errno ? ` (${f.errno})` : ''}`)]
  if (f.sql) lines.push(`    statement: ${f.sql.replace(/\s+/g, ' ')}`)
  if (result.detail.length && result.status === 'failed') lines.push(`    done before it: ${result.detail.join(', ')}`)
  if (result.status === 'unreachable') lines.push('    nothing is known to have changed there')
  lines.push(`    go on with: ezscale tenants resume ${result.kind === 'pool' ? '--all' : `--only ${result.tenant}`}`)
  return lines.join('\n')
}

export const resultLine = (r: FleetResult): string => JSON.stringify({
  v: 1, tenant: r.tenant, kind: r.kind, status: r.status, from: r.from, to: r.to, ms: Math.round(r.ms), detail: r.detail,
  ...(r.failure ? { file: r.failure.file, step: r.failure.step, sql: r.failure.sql, code: r.failure.errno, error: r.failure.message } : {}),
})

/** `what` is a verb: migrate, resume. */
export function progress(ndjson: boolean): Reporter {
  let [total, done, failed, begun, slowest] = [0, 0, 0, 0, ''] as [number, number, number, number, string]
  let slowestMs = 0
  let bar: SingleBar | undefined
  let timer: NodeJS.Timeout | undefined
  const rate = (): number => (done + failed) / Math.max(0.001, (performance.now() - begun) / 1000)
  const plain = (): void => say(`${done} done, ${failed} failed, ${total - done - failed} left, ${rate().toFixed(1)}/s, about ${seconds(((total - done - failed) / Math.max(rate(), 0.01)) * 1000)} to go`)
  const facts = (): object => ({ done, failed, left: total - done - failed, rate: rate().toFixed(1), slowest })
  return {
    start(all, what) {
      [total, begun] = [all, performance.now()]
      if (animated()) {
        bar = new SingleBar({ stream: process.stderr, hideCursor: true, clearOnComplete: true, etaBuffer: 100, format: `${what} {bar} {percentage}% · {done} done · {failed} failed · {left} left · {rate}/s · {eta_formatted} to go{slowest}` })
        bar.start(all, 0, facts())
      } else {
        say(`${what}: ${all} to do`)
        timer = setInterval(plain, everyMs)
      }
    },
    note: (text) => say(dim(text)),
    result(r) {
      if (r.status === 'done') done++
      else failed++
      if (r.ms > slowestMs) [slowestMs, slowest] = [r.ms, ` · slowest ${r.tenant} ${seconds(r.ms)}`]
      if (ndjson) print(resultLine(r))
      bar?.update(done + failed, facts())
    },
    finish() {
      bar?.stop()
      clearInterval(timer)
    },
  }
}
