/** What a new shop finds prepared, hidden until its reseller has looked at the prices. Figures are of the major unit, for a month; a year costs ten months. */
import type { Cycle } from '../../shared/time/period.js'
import type { OptionKind, TierMode } from './product-option.js'
import type { ServiceType } from './product.js'

export interface StarterChoice { label: string; code: string; /** For a month, from a quantity on. */ tiers: ReadonlyArray<readonly [from: number, price: number]> }
export interface StarterOption { name: string; code: string; kind: OptionKind; hint?: string; unit?: string; required?: boolean; min?: number; max?: number; tierMode?: TierMode; choices: readonly StarterChoice[] }
export interface StarterProduct {
  slug: string
  name: string
  description: string
  features: readonly string[]
  kind?: 'addon'
  serviceType: ServiceType
  monthly: number
  setup?: number
  cycles: readonly Cycle[]
  trialDays?: number
  stockLimit?: number
  maxQuantity?: number
  followsParent?: boolean
  options?: readonly StarterOption[]
  addons?: readonly string[]
}

const system: StarterOption = { name: 'Operating system', code: 'os', kind: 'select', required: true, choices: [['Ubuntu 24.04', 'ubuntu-24.04'], ['Debian 13', 'debian-13'], ['AlmaLinux 10', 'almalinux-10']].map(([label, code]) => ({ label: label!, code: code!, tiers: [[1, 0]] })) }
const memory: StarterOption = { name: 'Extra memory', code: 'extra-ram', kind: 'quantity', unit: 'GB', hint: 'More memory than the plan has.', max: 32, tierMode: 'graduated', choices: [{ label: 'GB', code: 'gb', tiers: [[1, 2], [9, 1.5]] }] }
const backups: StarterOption = { name: 'Daily backups', code: 'backups', kind: 'checkbox', hint: 'Kept for seven days.', choices: [{ label: 'Daily backups', code: 'daily', tiers: [[1, 2]] }] }
const addresses: StarterOption = { name: 'Extra IPv4 addresses', code: 'extra-ipv4', kind: 'quantity', unit: 'addresses', max: 8, tierMode: 'volume', choices: [{ label: 'address', code: 'ipv4', tiers: [[1, 2], [4, 1.5]] }] }
const vps = { serviceType: 'vps', cycles: ['monthly', 'annual'], maxQuantity: 10, options: [system, memory, backups, addresses], addons: ['managed-support'] } as const
const hosting = { serviceType: 'web_hosting', cycles: ['monthly', 'annual', 'biennial', 'triennial'], trialDays: 14, addons: ['premium-certificate'], options: [backups] } as const

export const starterProducts: readonly StarterProduct[] = [
  { slug: 'managed-support', name: 'Managed support', description: 'We update your server, watch it and answer within the hour.', features: ['Updates', 'Monitoring', 'Answers within the hour'], kind: 'addon', serviceType: 'other', monthly: 15, cycles: ['monthly', 'annual'], followsParent: true },
  { slug: 'premium-certificate', name: 'Premium certificate', description: 'A certificate with warranty for one domain, renewed by itself.', features: ['One domain', 'Warranty'], kind: 'addon', serviceType: 'other', monthly: 4, cycles: ['annual'], followsParent: false },
  { ...vps, slug: 'vps-s', name: 'VPS S', description: 'A small virtual server for a site, a bot or a first project.', features: ['1 vCPU', '2 GB of memory', '40 GB of NVMe storage', '2 TB of traffic'], monthly: 5 },
  { ...vps, slug: 'vps-m', name: 'VPS M', description: 'A virtual server for shops, databases and several sites.', features: ['2 vCPU', '4 GB of memory', '80 GB of NVMe storage', '4 TB of traffic'], monthly: 10 },
  { ...vps, slug: 'vps-l', name: 'VPS L', description: 'A large virtual server for busy applications.', features: ['4 vCPU', '8 GB of memory', '160 GB of NVMe storage', '8 TB of traffic'], monthly: 20 },
  {
    slug: 'game-server', name: 'Game server', description: 'Your own server for you and your friends, ready in minutes.', features: ['4 GB of memory', 'Mods and plug-ins', 'Protected against attacks'], serviceType: 'game', monthly: 8, cycles: ['monthly', 'quarterly', 'annual'], maxQuantity: 5,
    options: [{ name: 'Player slots', code: 'slots', kind: 'quantity', unit: 'slots', required: true, min: 4, max: 128, tierMode: 'volume', choices: [{ label: 'slot', code: 'slot', tiers: [[1, 0.5], [33, 0.4]] }] }, backups],
  },
  {
    slug: 'dedicated-server', name: 'Dedicated server', description: 'A whole machine of your own, installed for you within a day.', features: ['8 cores', '64 GB of memory', '2 × 1 TB of NVMe storage', '20 TB of traffic'], serviceType: 'dedicated', monthly: 90, setup: 49, cycles: ['monthly', 'annual'], stockLimit: 5,
    options: [system, { name: 'Memory', code: 'ram', kind: 'select', required: true, choices: [{ label: '64 GB', code: '65536', tiers: [[1, 0]] }, { label: '128 GB', code: '131072', tiers: [[1, 25]] }] }, addresses], addons: ['managed-support'],
  },
  { ...hosting, slug: 'web-hosting-s', name: 'Web hosting S', description: 'One site with mail, databases and a certificate.', features: ['1 site', '10 GB of storage', '10 mailboxes', 'Free certificate'], monthly: 4 },
  { ...hosting, slug: 'web-hosting-m', name: 'Web hosting M', description: 'Ten sites with room to grow.', features: ['10 sites', '50 GB of storage', '100 mailboxes', 'Free certificates'], monthly: 9 },
]
