/** `tenants migrate|resume|rollback|repair|drift`: the whole fleet, one failure at a time. */
import type { Command } from 'commander'
import { run } from './command.js'
import { count, withBehind, withFleet, withSelection } from './options.js'

const examples = (lines: string[]): string => `Examples:\n${lines.map((l) => `  $ ezscale tenants ${l}`).join('\n')}\n`

export function fleetCommands(tenants: Command): void {
  withBehind(withFleet(tenants.command('migrate').description('bring schemas to this version; with nothing to do it asks central once')))
    .addHelpText('before', examples(['migrate --all --canary 5', 'migrate --all --dry-run', 'migrate --only acme,globex', 'migrate --all --on-error stop --ndjson']))
    .action(run(async () => (await import('./fleet-actions.js')).migrate))
  withBehind(withFleet(tenants.command('resume').description('go on after a failure, a stop or a crash: repairs what was interrupted, then does only what is left')))
    .addHelpText('before', examples(['resume --all', 'resume --only acme']))
    .action(run(async () => (await import('./fleet-actions.js')).resume))
  withBehind(withFleet(tenants.command('repair').description('look at interrupted migrations, set journals and ledger right; runs no migration')))
    .option('--accept-changed', 'take the present text of files that ran with another one as the right one')
    .addHelpText('before', examples(['repair --all --dry-run', 'repair --only acme']))
    .action(run(async () => (await import('./fleet-actions.js')).repair))
  withFleet(tenants.command('rollback').description('take back the last migrations by their "-- down" part'))
    .option('--steps <n>', 'how many', count(1), 1)
    .addHelpText('before', examples(['rollback --only acme', 'rollback --only acme --steps 2 --dry-run', 'rollback --all --steps 2 --yes']))
    .action(run(async () => (await import('./fleet-actions.js')).rollback))
  withSelection(tenants.command('drift').description('compare live schemas with the migrations; exit 4 when they differ'))
    .option('--concurrency <n>', 'tenants at a time', count(1), 4)
    .option('--migrations <folder>', 'another folder of migrations')
    .addHelpText('before', examples(['drift --all', 'drift --only acme --json']))
    .action(run(async () => (await import('./fleet-actions.js')).drift))
}
