/** `npm run bench [-- --json] [-- --quick] [-- --only tenancy|fleet|create|renewals|reads|pdfs|poll|month-end]`: figures measured side by side in one run. Absolute times depend on the machine; the ratios are the point. */
import { parseArgs } from 'node:util'
import { closeDatabases } from '../../shared/database/central-database.js'
import { benchCreate, benchFleet } from './fleet.js'
import { benchPdfs } from './pdfs.js'
import { benchReads } from './money-reads.js'
import { benchMonthEnd } from './month-end.js'
import { benchPoll } from './poll.js'
import { benchRenewals } from './renewals.js'
import { benchTenancy, type TenancyFigures } from './tenancy.js'

const { values: asked } = parseArgs({ options: { json: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false }, only: { type: 'string' } } })
const BUDGET = 64
const say = (text: string): void => void process.stderr.write(`\x1b[2m·\x1b[0m ${text}\n`)

interface Line {
  key: string
  value: number
  unit: string
  what: string
  /** What we want, and whether it is met. */
  aim?: { text: string; met: boolean }
}

const atLeast = (value: number, aim: number) => ({ text: `≥ ${aim.toFixed(2)}`, met: value >= aim })
const atMost = (value: number, aim: number) => ({ text: `≤ ${aim}`, met: value <= aim })

function tenancyLines(f: TenancyFigures): Line[] {
  return [
    { key: 'tenancy.throughput.1', value: f.throughput[1], unit: '×', what: 'pages a second, one tenant ÷ the same page without tenancy' },
    { key: 'tenancy.throughput.100', value: f.throughput[100], unit: '×', what: 'the same, 100 tenants at random' },
    { key: 'tenancy.throughput.1000', value: f.throughput[1000], unit: '×', what: 'the same, 1,000 tenants at random', aim: atLeast(f.throughput[1000], 0.9) },
    { key: 'tenancy.p99.1000', value: f.p99, unit: '×', what: '99th percentile, 1,000 tenants ÷ without tenancy' },
    { key: 'tenancy.cpu.1000', value: f.cpu[1000], unit: '×', what: 'processor time a page in Node, 1,000 tenants ÷ without tenancy' },
    { key: 'tenancy.connections.1000', value: f.connections, unit: '', what: 'connections at the server, 1,000 tenants', aim: atMost(f.connections, BUDGET) },
    { key: 'tenancy.memory.1000', value: f.memory, unit: 'MB', what: 'more memory in the process after serving 1,000 tenants' },
    { key: 'tenancy.hits.1000', value: f.hitRate, unit: '×', what: 'leases that needed no switch' },
    { key: 'tenancy.plain', value: f.plainPerSecond, unit: '/s', what: 'pages a second without tenancy, for orientation' },
  ]
}

/** The customer's money: renewals, pages of a large shop, a balance, documents. The lines name their sizes, so that a quick run does not pass for a whole one. */
async function moneyLines(wanted: (name: string) => boolean): Promise<Line[]> {
  const lines: Line[] = []
  if (wanted('renewals')) {
    const shops = asked.quick ? 8 : 100
    const f = await benchRenewals({ subscriptions: asked.quick ? 80 : 2000, shops, each: asked.quick ? 10 : 40, say })
    for (const workers of [1, 2] as const) lines.push(
      { key: `renewals.one.${workers}`, value: f.one[workers], unit: '/s', what: `renewals a second in one shop, ${workers} worker${workers > 1 ? 's' : ''}` },
      { key: `renewals.many.${workers}`, value: f.many[workers], unit: '/s', what: `the same over ${shops} shops (100 in a whole run)` },
    )
  }
  if (wanted('reads')) {
    const [invoices, entries] = asked.quick ? [10_000, 100_000] : [100_000, 1_000_000]
    const f = await benchReads({ invoices, entries, requests: asked.quick ? 200 : 500, say })
    lines.push(
      { key: 'invoice.page.p99', value: f.invoicePage, unit: 'ms', what: `an invoice's page, 99th percentile, in a shop with ${invoices.toLocaleString('en')}` }, { key: 'invoice.list.p99', value: f.invoiceList, unit: 'ms', what: 'the customer’s list of them' },
      { key: 'ledger.balance.p99', value: f.balance, unit: 'ms', what: `a balance out of ${entries.toLocaleString('en')} ledger entries, 99th percentile` },
    )
  }
  if (wanted('pdfs')) {
    const f = await benchPdfs({ rounds: asked.quick ? 3 : 7, times: asked.quick ? 8 : 20, say })
    lines.push({ key: 'pdf.ratio', value: f.ratio, unit: '×', what: 'PDFs a minute, warm ÷ a bare puppeteer loop' }, { key: 'pdf.minute', value: f.perMinute, unit: '/min', what: 'PDFs a minute, warm' })
  }
  return lines
}

/** Workspaces: the minute's poll, and the month's end. */
async function workspaceLines(wanted: (name: string) => boolean): Promise<Line[]> {
  const lines: Line[] = []
  if (wanted('poll')) {
    const [workspaces, shops] = asked.quick ? [2000, 4] : [10_000, 20]
    const f = await benchPoll({ workspaces, shops, say })
    lines.push(
      { key: 'poll.ratio', value: f.ratio, unit: '×', what: `a minute's poll over ${workspaces.toLocaleString('en')} running workspaces in ${shops} shops ÷ a raw client that reads the list and notes it` },
      { key: 'poll.ms', value: f.ms, unit: 'ms', what: 'that poll' }, { key: 'poll.calls', value: f.calls, unit: '', what: 'list calls a connection and minute', aim: atMost(f.calls, 1) },
      { key: 'poll.memory', value: f.memory, unit: 'MB', what: 'more memory after five polls than after one' },
    )
  }
  if (wanted('month-end')) {
    const [runs, customers] = asked.quick ? [20_000, 20] : [1_000_000, 1000]
    const f = await benchMonthEnd({ runs, customers, say })
    lines.push(
      { key: 'month-end.ratio', value: f.ratio, unit: '×', what: `a month's end over ${runs.toLocaleString('en')} runs of ${customers.toLocaleString('en')} customers ÷ a raw client that reads and writes the same rows` },
      { key: 'month-end.runs', value: f.runsPerSecond, unit: '/s', what: 'runs billed a second, one worker' }, { key: 'month-end.memory', value: f.memory, unit: 'MB', what: 'more memory in the process afterwards' },
    )
  }
  return lines
}

async function measure(): Promise<Line[]> {
  const lines: Line[] = []
  const wanted = (name: string) => !asked.only || asked.only === name
  if (wanted('tenancy')) lines.push(...tenancyLines(await benchTenancy({ rounds: asked.quick ? 12 : 30, seconds: asked.quick ? 60 : 400, slice: asked.quick ? 600 : 1500, inFlight: 64, connections: BUDGET, say })))
  if (wanted('fleet')) {
    const f = await benchFleet({ tenants: asked.quick ? 200 : 500, rounds: 7, say })
    lines.push({ key: 'fleet.step', value: f.step, unit: '×', what: 'a migration over the fleet ÷ a raw client replaying the same statement', aim: atMost(f.step, 1.3) })
    lines.push({ key: 'fleet.tenant', value: f.msPerTenant, unit: 'ms', what: 'that step, for each tenant' }, { key: 'fleet.noop', value: f.noOpMs, unit: 'ms', what: 'a run over the whole fleet with nothing to do' })
  }
  if (wanted('create')) {
    const c = await benchCreate(asked.quick ? 5 : 15, say)
    lines.push({ key: 'tenant.create.pool', value: c.pool, unit: 'ms', what: 'claim a pre-made database for a new reseller' }, { key: 'tenant.create.snapshot', value: c.snapshot, unit: 'ms', what: 'make a database from the snapshot, with its accounts' })
  }
  return [...lines, ...await moneyLines(wanted), ...await workspaceLines(wanted)]
}

const shown = (n: number): string => (n >= 100 ? n.toFixed(0) : n >= 10 ? n.toFixed(1) : n.toFixed(2))

function table(lines: Line[]): string {
  const row = (l: Line) => `${l.key.padEnd(26)} ${shown(l.value).padStart(8)} ${l.unit.padEnd(4)} ${(l.aim ? `${l.aim.text} ${l.aim.met ? 'met' : 'not met'}` : '').padEnd(16)} ${l.what}`
  return ['', `${'figure'.padEnd(26)} ${'value'.padStart(8)} ${''.padEnd(4)} ${'aim'.padEnd(16)} meaning`, ...lines.map(row), ''].join('\n')
}

const lines = await measure()
process.stdout.write(`${table(lines)}\n`)
if (asked.json) process.stdout.write(`${JSON.stringify(Object.fromEntries(lines.map((l) => [l.key, Math.round(l.value * 1000) / 1000])))}\n`)
await closeDatabases()
process.exit(0)
