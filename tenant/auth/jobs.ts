/**
 * Letters that depend on whether an address is known leave by a job: the page takes the same time either way.
 * A job that runs twice sends a second letter whose link replaces the first: harmless.
 */
import { z } from 'zod'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { sweepSessions } from '../../shared/http/session-store.js'
import { defineJob } from '../../shared/jobs/job.js'
import { schedule } from '../../shared/jobs/timetable.js'
import { clock } from '../../shared/time/clock.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { Customer } from '../customers/customer.js'
import { mailAlreadyRegistered, mailConfirmAddress, mailResetPassword } from './mailer.js'
import { issueToken } from './user-token.js'

const address = z.object({ email: z.string().max(254) })

/** To a new account the link that confirms it; to an old one the news that it exists. */
export const sendSignUpLetter = defineJob({
  name: 'auth.send-sign-up-letter', scope: 'tenant', payload: address,
  handler: async ({ email }) => {
    const customer = await Customer.withEmail(email)
    if (!customer || customer.status !== 'active') return
    await tenantTransaction(async () => {
      if (customer.isVerified) await mailAlreadyRegistered(customer, await issueToken(customer.id, 'reset-password'))
      else await mailConfirmAddress(customer, await issueToken(customer.id, 'verify-email'))
    })
  },
})

/** The link to choose a new password; nothing for an address we do not know. */
export const sendResetLetter = defineJob({
  name: 'auth.send-reset-letter', scope: 'tenant', payload: address,
  handler: async ({ email }) => {
    const customer = await Customer.withEmail(email)
    if (!customer || customer.status !== 'active') return
    await tenantTransaction(async () => mailResetPassword(customer, await issueToken(customer.id, 'reset-password')))
  },
})

/** Sessions and links that are over leave no trace after a day. */
schedule({
  name: 'auth.sweep', every: '1 hour', scope: 'tenant',
  run: async () => {
    await sweepSessions('tenant')
    await tenantDb()('user_tokens').where('expires_at', '<', new Date(clock.real().getTime() - 86_400_000)).delete()
  },
})
