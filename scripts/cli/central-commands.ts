/** `central migrate` and `snapshot write|check`. */
import type { Command } from 'commander'
import { run } from './command.js'

export function centralCommands(root: Command): void {
  const central = root.command('central').description('the central database')
  central.command('migrate').description('create the central database when it is missing, bring it to this version and fill in what it must hold')
    .addHelpText('before', 'Examples:\n  $ ezscale central migrate\n').action(run(async () => (await import('./central-actions.js')).migrate))
  const snapshot = root.command('snapshot').description('the schema that new tenants are made from')
  snapshot.command('write').description('make migrations-tenant/snapshot.sql from the migrations').addHelpText('before', 'Examples:\n  $ ezscale snapshot write\n').action(run(async () => (await import('./central-actions.js')).write))
  snapshot.command('check').description('exit 4 when the file is not what the migrations add up to').addHelpText('before', 'Examples:\n  $ ezscale snapshot check\n').action(run(async () => (await import('./central-actions.js')).check))
}
