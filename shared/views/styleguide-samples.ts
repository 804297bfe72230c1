/** What the style guide shows: plain data as pages.ts files make it. */
const usd = (minor: number) => ({ minor, currency: 'USD' })
const at = (iso: string) => new Date(iso)

const features = (cpu: number, ram: number, disk: number): string[] => [`${cpu} vCPU`, `${ram} GB memory`, `${disk} GB disk`, 'Billed by the quarter hour']
const plan = (name: string, text: string, micros: number, spec: [number, number, number], featured = false) =>
  ({ name, text, featured, href: `/order/${name.toLowerCase().replaceAll(' ', '-')}`, rate: { micros, currency: 'USD', per: 'hour' }, features: features(...spec) })

export const samples = {
  now: at('2026-11-22T16:37:00Z'),
  startedAt: at('2026-11-22T14:00:00Z'),
  lastMonth: at('2026-10-31T17:00:00Z'),
  total: usd(4280), due: usd(1400), rate: { micros: 200000, currency: 'USD', per: 'hour' }, cost: usd(55),
  plans: [
    plan('Developer Basic', 'A quiet desk for one project.', 150000, [2, 4, 50]),
    plan('Developer Pro', 'Editors, containers and a browser at once.', 300000, [4, 8, 100], true),
    plan('Developer Enterprise', 'Large builds and local models.', 600000, [8, 16, 200]),
  ],
  invoices: [
    { number: 'INV-2026-00042', href: '#1', dueAt: at('2026-11-30T00:00:00Z'), total: usd(4280), status: 'open' },
    { number: 'INV-2026-00031', href: '#2', dueAt: at('2026-10-31T00:00:00Z'), total: usd(123456), status: 'paid' },
    { number: 'INV-2026-00020', href: '#3', dueAt: at('2026-09-30T00:00:00Z'), total: usd(900), status: 'void' },
  ],
  sessions: [
    { startedAt: at('2026-11-22T14:00:00Z'), seconds: 9420, cost: usd(55), state: 'running' },
    { startedAt: at('2026-11-21T09:12:00Z'), seconds: 3900, cost: usd(25), state: 'stopped' },
    { startedAt: at('2026-11-19T18:40:00Z'), seconds: 480, cost: usd(5), state: 'stopped' },
  ],
  resellers: [
    { name: 'Northwind Cloud', host: 'shop.northwind.example', status: 'active', services: 128, owed: usd(184250), openedAt: at('2025-02-11T10:00:00Z') },
    { name: 'Globex Hosting', host: 'account.globex.example', status: 'trial', services: 12, owed: usd(9900), openedAt: at('2026-11-02T10:00:00Z') },
    { name: 'Initech Desktops', host: 'initech.example', status: 'suspended', services: 41, owed: usd(61020), openedAt: at('2025-07-30T10:00:00Z') },
    { name: 'Umbrella Labs', host: 'umbrella.ezscale.example', status: 'opening', services: 0, owed: usd(0), openedAt: at('2026-11-22T16:30:00Z') },
  ],
  lines: [
    { label: 'Developer Pro, 18 h 15 min', text: 'Nov 1 to Nov 30, 2026', amount: usd(548) },
    { label: 'Business Basic, 160 h', text: 'Nov 1 to Nov 30, 2026', amount: usd(3200) },
    { label: 'Sales tax 14.2 %', amount: usd(532) },
  ],
  steps: [
    { label: 'Reserve the name', state: 'done', text: 'northwind', at: at('2026-11-22T16:30:04Z') },
    { label: 'Create the database and its user', state: 'done', at: at('2026-11-22T16:30:06Z') },
    { label: 'Fill in plans and templates', state: 'current', text: '4 of 6 plans' },
    { label: 'Send the welcome letter', state: 'waiting' },
  ],
  failedSteps: [{ label: 'Create the database', state: 'done' }, { label: 'Send the welcome letter', state: 'failed', text: 'The mail server did not answer (timeout after 10 s).' }],
  moments: [
    { title: 'Payment of $42.80 received', text: 'Visa •••• 4242', at: at('2026-11-22T15:00:00Z'), by: 'Ada Lovelace', icon: 'credit-card', tone: 'good' },
    { title: 'Workspace started', at: at('2026-11-22T14:00:00Z'), by: 'Ada Lovelace', icon: 'player-play', tone: 'wait' },
    { title: 'Payment declined', text: 'The bank said: insufficient funds', at: at('2026-11-21T11:20:00Z'), icon: 'alert-circle', tone: 'bad' },
  ],
  usage: {
    type: 'bar', unit: '$', labelHeading: 'Day', labels: ['Nov 16', 'Nov 17', 'Nov 18', 'Nov 19', 'Nov 20', 'Nov 21', 'Nov 22'],
    series: [{ name: 'Developer Pro', values: [0.9, 1.2, 0.6, 2.1, 1.5, 0, 0.6] }, { name: 'Business Basic', values: [1.6, 1.6, 1.8, 1.4, 1.6, 0.4, 0.4] }],
    rows: [['Nov 16', '$0.90', '$1.60'], ['Nov 17', '$1.20', '$1.60'], ['Nov 18', '$0.60', '$1.80'], ['Nov 19', '$2.10', '$1.40'], ['Nov 20', '$1.50', '$1.60'], ['Nov 21', '$0.00', '$0.40'], ['Nov 22', '$0.60', '$0.40']],
  },
  income: {
    type: 'line', unit: '$', labelHeading: 'Month', labels: ['Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov'], series: [{ name: 'Income', values: [820, 910, 1190, 1240, 1530, 1842] }],
    rows: [['Jun', '$820'], ['Jul', '$910'], ['Aug', '$1,190'], ['Sep', '$1,240'], ['Oct', '$1,530'], ['Nov', '$1,842']],
  },
}
