/** `doctor`: is this machine and its database fit to run the platform? */
import type { Command } from 'commander'
import { run } from './command.js'

export function doctorCommand(root: Command): void {
  root.command('doctor').description('check configuration, machine and database servers').addHelpText('before', 'Examples:\n  $ ezscale doctor\n  $ ezscale doctor --json\n').action(run(async () => (await import('./doctor.js')).doctor))
}
