/** Checks name and password of staff and members: equal work and equal words for known and unknown names. */
import { centralDb } from '../../shared/database/central-database.js'
import { FormErrors } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { verifyPassword } from '../../shared/security/password.js'
import { clock } from '../../shared/time/clock.js'

interface PersonRow { id: number; password_hash: string | null; status: string }

/** The person's row id; throws FormErrors, the same for every reason. */
export async function checkSignIn(kind: 'staff' | 'member', email: string, password: string): Promise<number> {
  const table = kind === 'staff' ? 'staff' : 'members'
  const person = (await centralDb()(table).where({ email }).first('id', 'password_hash', 'status')) as PersonRow | undefined
  const right = await verifyPassword(person?.password_hash ?? null, password)
  if (!person || !right || person.status !== 'active') {
    await record(`${kind}.sign-in-failed`, person ? { type: kind, id: person.id } : null, {})
    throw new FormErrors({ form: 'E-mail or password is not right.' }, { email })
  }
  await centralDb()(table).where({ id: person.id }).update({ last_login_at: clock.real() })
  await record(`${kind}.signed-in`, { type: kind, id: person.id }, {})
  return person.id
}
