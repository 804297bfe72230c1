/** What staff enters to open a reseller, checked. */
import { z } from 'zod'
import { config } from '../../shared/config.js'
import { normaliseHost } from '../../shared/tenancy/host-name.js'

const zones = new Set([...Intl.supportedValuesOf('timeZone'), 'UTC'])
const reserved = new Set(['admin', 'www', 'account', 'api', 'mail', 'status', 'app', 'static', 'assets', 'ezscale', 'platform', 'central', 'root', 'support'])

/** `acme-hosting` from `Acme Hosting Ltd.`; at most 40 characters. */
export function slugOf(name: string): string {
  return name.normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 40).replace(/-+$/, '') || 'reseller'
}

const noControls = (label: string) => z.string().trim().min(1, `Enter ${label}.`).max(120).regex(/^[^\p{Cc}]*$/u, 'Control characters are not allowed.')
const percent = z.coerce.number('Enter a percentage.').min(0, 'At least 0.').max(100, 'At most 100.')

export const newResellerSchema = z.object({
  name: noControls('the company name'),
  ownerName: noControls("the owner's name"),
  ownerEmail: z.email('Enter an e-mail address like name@example.com.').max(254).transform((v) => v.toLowerCase()),
  host: z.string().trim().transform((value, ctx) => {
    const host = normaliseHost(value)
    if (!host) ctx.addIssue({ code: 'custom', message: 'Enter a host name like shop.example.com, without https:// and without a path.' })
    return host ?? ''
  }),
  slug: z.string().trim().regex(/^([a-z0-9](-?[a-z0-9])*)?$/, 'Use small letters, digits and single hyphens.').max(40).refine((v) => !reserved.has(v), 'This short name is reserved.').default(''),
  currency: z.enum(['USD', 'EUR', 'GBP']).default('USD'),
  timeZone: z.string().default('UTC').refine((zone) => zones.has(zone), 'Choose a time zone from the list.'),
  tier: z.enum(['basic', 'pro', 'enterprise']).default('basic'),
  monthlyFee: z.string().trim().regex(/^\d{1,6}(\.\d{1,2})?$/, 'Enter an amount like 99.00.').default('99.00').transform((v) => Math.round(Number(v) * 100)),
  discountPercent: percent.default(0),
  commissionPercent: percent.default(0),
  billingDay: z.coerce.number().int().min(1).max(28, 'Choose a day from 1 to 28.').default(1),
  sandbox: z.union([z.boolean(), z.enum(['on', '']).transform((v) => v === 'on')]).default(false),
})
/** Why this host cannot be a reseller's; null when it can. */
export function hostFault(host: string): string | null {
  const platform = config().PLATFORM_DOMAIN
  const ours = host === platform || host.endsWith(`.${platform}`)
  return ours ? `Hosts under ${platform} belong to the platform: each reseller gets one of them by itself.` : null
}

export type NewReseller = z.infer<typeof newResellerSchema>
/** As typed: every field but four may be left out. */
export type NewResellerInput = z.input<typeof newResellerSchema>
