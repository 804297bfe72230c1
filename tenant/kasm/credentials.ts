/** The workspace's own login at Kasm: we choose both parts before Kasm is asked, so that a lost answer loses nothing. */
import { randomBytes } from 'node:crypto'
import { currentTenant } from '../../shared/tenancy/context.js'
import { sealed } from '../../shared/database/sealed-column.js'

const column = (servicePublicId: string) => sealed('kasm_workspaces', 'password_encrypted', servicePublicId)

/** Unique over all tenants of a Kasm server, and not to be guessed: `acme-2f7k…`. */
export const usernameFor = (servicePublicId: string): string => `${currentTenant().slug}-${servicePublicId}`

/** A password sealed for this service; nobody needs to see it, people enter by links. */
export const newSealedPassword = (servicePublicId: string): string => column(servicePublicId).seal(`Ka1-${randomBytes(18).toString('base64url')}`)

/** One that the server chose by itself. */
export const sealPassword = (servicePublicId: string, password: string): string => column(servicePublicId).seal(password)

export const openPassword = (servicePublicId: string, value: string): string => column(servicePublicId).open(value)
