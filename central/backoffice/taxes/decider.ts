/** Who decides, as the record names them. */
import { centralDb } from '../../../shared/database/central-database.js'
import { currentActor } from '../../../shared/events/actor.js'
import { asCentral } from '../../../shared/tenancy/as-central.js'

/** The e-mail address of whoever is signed in at the desk. */
export async function decider(): Promise<string> {
  const { kind, id } = currentActor()
  if (id === null || (kind !== 'staff' && kind !== 'member')) return kind
  const row = await asCentral(async () => centralDb()(kind === 'staff' ? 'staff' : 'members').where({ id }).first<{ email: string } | undefined>('email'))
  return (row?.email ?? kind).slice(0, 120)
}
