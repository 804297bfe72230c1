/** What every layout reads besides the page's own data. The HTTP shell fills it through app.locals and res.locals; only `title` and `brand` are required. */
import type { Theme } from './theme.js'

export interface Frame {
  /** `tenant`, `tenant-auth`, `console`, `reseller`, `platform`, `error`, `mail`, `print`; false for a bare fragment. */
  layout: string | false
  /** Name of the page; the layout adds ` · brand`. */
  title: string
  brand: FrameBrand
  locale?: string
  timeZone?: string
  /** The (sandbox) clock, for "5 minutes ago" and live costs. */
  now?: Date
  theme?: Theme
  /** Of the content policy, for scripts. */
  nonce?: string
  csrfToken?: string
  /** `req.path`, marks the active menu entry. */
  path?: string
  /** The signed-in person; absent for guests. */
  user?: { name: string; email: string } | null
  /** Messages kept over a redirect. */
  flash?: readonly { kind: 'good' | 'bad' | 'info'; text: string }[]
  /** The clock of a sandbox tenant runs ahead: shown on every page. */
  sandbox?: { now: Date } | null
  /** Staff looking through a customer's eyes: shown on every page, with the way out. */
  impersonation?: { name: string; stopHref: string } | null
  requestId?: string
}

export interface FrameBrand {
  name: string
  logoUrl?: string | null
  faviconUrl?: string | null
  supportEmail?: string | null
  supportPhone?: string | null
  legalName?: string | null
  /** `/favicon.svg?v=<version>`: initials on the brand's colour, while there is no icon of its own. */
  iconHref?: string | null
  /** `/theme.css?v=<version>`; absent: EZSCALE colours. */
  themeHref?: string | null
}
