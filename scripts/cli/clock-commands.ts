/** `clock show|advance`: a sandbox tenant lives ahead of the others. */
import type { Command } from 'commander'
import { run } from './command.js'
import { count } from './options.js'

export function clockCommands(root: Command): void {
  const clocks = root.command('clock').description('clocks of sandbox tenants; refused in production')
  clocks.command('show').description('what time it is there').option('--tenant <slug>').addHelpText('before', 'Examples:\n  $ ezscale clock show\n').action(run(async () => (await import('./clock-actions.js')).showClocks))
  clocks.command('advance').description('move forward through everything that falls due on the way').option('--tenant <slug>').option('--to <instant>', 'e.g. 2026-12-01T00:00:00Z').option('--by <time>', 'e.g. "31 days"').option('--step <hours>', 'longer steps are quicker and less exact', count(1), 1)
    .addHelpText('before', 'Examples:\n  $ ezscale clock advance --tenant acme --by "31 days"\n  $ ezscale clock advance --tenant acme --to 2026-12-01T00:05:00Z\n').action(run(async () => (await import('./clock-actions.js')).advance))
}
