/** Joins the two apps: central fulfils the directory, tenants and central register what they run. Every process starts here. */
import '../tenant/timetable.js'
import '../central/timetable.js'
import { centralDirectory } from '../central/directory.js'
import { alertsSettled } from '../shared/alerts/alert.js'
import { closeDatabases } from '../shared/database/central-database.js'
import { closeJobStore } from '../shared/jobs/agenda.js'
import { closeSmtp } from '../shared/mail/smtp.js'
import { plugDirectory } from '../shared/tenancy/directory.js'
import { stopResolving } from '../shared/tenancy/resolve-host.js'
import { registerKnownServers } from '../central/servers.js'

/** Plugs the directory and reads the list of database servers. Needs a migrated central database. */
export async function boot(): Promise<void> {
  plugDirectory(centralDirectory)
  await registerKnownServers()
}

/** Ends what keeps a process alive. Alerts on their way get a moment. */
export async function shutdown(): Promise<void> {
  await alertsSettled(2000)
  closeSmtp()
  await closeJobStore()
  stopResolving()
  await closeDatabases()
}
