/** `tenants run` and `tenants shell`: work inside tenants, as the account that can reach nothing else. */
import type { Command } from 'commander'
import { run } from './command.js'
import { count, oneOf, withSelection } from './options.js'

export function runCommands(tenants: Command): void {
  withSelection(tenants.command('run').argument('[what...]', 'after "--": a script (export default async (tenant) => …), a .sql file, or a statement').description('run a script or SQL inside tenants'))
    .option('--concurrency <n>', 'tenants at a time', count(1), 4).option('--on-error <stop|continue>', 'what one failure does to the others', oneOf('stop', 'continue'), 'continue')
    .addHelpText('before', 'Examples:\n  $ ezscale tenants run --all -- "select count(*) as customers from users"\n  $ ezscale tenants run --only acme -- scripts/fix-names.ts\n')
    .action(run(async () => (await import('./run-actions.js')).runIn))
  tenants.command('shell').argument('<slug>').description('a database prompt as the tenant\'s own account').addHelpText('before', 'Examples:\n  $ ezscale tenants shell acme\n').action(run(async () => (await import('./run-actions.js')).shell))
}
