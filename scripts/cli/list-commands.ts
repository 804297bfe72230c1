/** `tenants list|show|status|audit`: looking, changing nothing. */
import type { Command } from 'commander'
import { run } from './command.js'
import { count, withBehind, withSelection } from './options.js'

export function listCommands(tenants: Command): void {
  withBehind(withSelection(tenants.command('list').description('every tenant with its database and schema'))).option('--dropped', 'also those that were dropped')
    .addHelpText('before', 'Examples:\n  $ ezscale tenants list --json\n  $ ezscale tenants list --behind\n').action(run(async () => (await import('./list-actions.js')).list))
  tenants.command('show').argument('<slug>', 'short name').description('everything about one tenant')
    .addHelpText('before', 'Examples:\n  $ ezscale tenants show acme\n').action(run(async () => (await import('./list-actions.js')).show))
  withBehind(withSelection(tenants.command('status').description('as list, with counts from inside every tenant'))).option('--concurrency <n>', 'tenants at a time', count(1), 4)
    .addHelpText('before', 'Examples:\n  $ ezscale tenants status\n  $ ezscale tenants status --only acme --json\n').action(run(async () => (await import('./list-actions.js')).status))
  withSelection(tenants.command('audit').description('check databases, accounts, journals, ledgers and invoices; repairs nothing')).option('--concurrency <n>', 'tenants at a time', count(1), 4)
    .addHelpText('before', 'Examples:\n  $ ezscale tenants audit\n  $ ezscale tenants audit --only acme --json\n').action(run(async () => (await import('./list-actions.js')).audit))
}
