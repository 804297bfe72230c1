/** Adds a person to the staff. From the command line only: no page makes administrators. */
import { centralDb } from '../../shared/database/central-database.js'
import { hashPassword } from '../../shared/security/password.js'
import { newPublicId } from '../../shared/security/token.js'
import { clock } from '../../shared/time/clock.js'
import { Staff, type StaffRole } from './staff.js'

/** Safe to repeat: an existing person keeps name and role, and gets the password when one is given. */
export async function addStaff(person: { email: string; name: string; role: StaffRole; password?: string }): Promise<Staff> {
  const now = clock.real()
  const password = person.password ? { password_hash: await hashPassword(person.password) } : {}
  await centralDb()('staff').insert({ public_id: newPublicId(), email: person.email, name: person.name, role: person.role, status: 'active', created_at: now, updated_at: now, ...password })
    .onConflict('email').merge({ updated_at: now, ...password })
  return Staff.findOwned({ email: person.email })
}
