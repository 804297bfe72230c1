/** `tenants create|suspend|resume-tenant|maintenance|drop`: the same verbs as the console's buttons. */
import type { Command } from 'commander'
import { run } from './command.js'

export function lifecycleCommands(tenants: Command): void {
  tenants.command('create').description('open a reseller: row, database, accounts, schema, plans, welcome letter')
    .addHelpText('before', 'Examples:\n  $ ezscale tenants create --name "Acme Hosting" --host shop.acme.example --owner-name Ann --owner-email ann@acme.example\n  $ ezscale tenants create --continue acme-hosting\n')
    .option('--name <name>', 'company name').option('--slug <slug>', 'short name; made from the company name when left out').option('--host <host>', 'host name of the shop')
    .option('--owner-name <name>').option('--owner-email <address>').option('--currency <code>', 'USD, EUR or GBP').option('--time-zone <zone>', 'e.g. Europe/London').option('--tier <tier>', 'basic, pro or enterprise')
    .option('--monthly-fee <amount>', 'platform fee, e.g. 99.00').option('--discount-percent <n>').option('--commission-percent <n>').option('--billing-day <n>', '1 to 28')
    .option('--sandbox', 'its clock may be moved').option('--house', 'the platform\'s own shop').option('--continue <slug>', 'go on with an opening that failed or was cut off')
    .action(run(async () => (await import('./lifecycle-actions.js')).create))
  tenants.command('suspend').argument('<slug>').description('close a shop; its data stays').option('--reason <text>', 'shown to staff', 'suspended by command').addHelpText('before', 'Examples:\n  $ ezscale tenants suspend acme --reason "unpaid since May" --yes\n').action(run(async () => (await import('./lifecycle-actions.js')).suspend))
  tenants.command('resume-tenant').argument('<slug>').description('open a suspended shop again, or end maintenance').addHelpText('before', 'Examples:\n  $ ezscale tenants resume-tenant acme\n').action(run(async () => (await import('./lifecycle-actions.js')).resume))
  tenants.command('maintenance').argument('<slug>').description('show "back soon" to visitors; jobs wait').option('--off', 'end it').addHelpText('before', 'Examples:\n  $ ezscale tenants maintenance acme\n  $ ezscale tenants maintenance acme --off\n').action(run(async () => (await import('./lifecycle-actions.js')).maintenance))
  tenants.command('drop').argument('<slug>').description('delete database and accounts for good').option('--confirm <name>', 'the short name again').addHelpText('before', 'Examples:\n  $ ezscale tenants drop acme --confirm=acme\n').action(run(async () => (await import('./lifecycle-actions.js')).drop))
}
