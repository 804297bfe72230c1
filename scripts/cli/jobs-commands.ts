/** `jobs list|run|retry`. */
import type { Command } from 'commander'
import { run } from './command.js'
import { count } from './options.js'

export function jobsCommands(root: Command): void {
  const jobs = root.command('jobs').description('background work')
  jobs.command('list').description('what waits, runs and is parked').option('--tenant <slug>').option('--name <job>').option('--parked', 'only parked ones').option('--limit <n>', 'most rows', count(1), 100)
    .addHelpText('before', 'Examples:\n  $ ezscale jobs list --tenant acme\n  $ ezscale jobs list --parked --json\n').action(run(async () => (await import('./jobs-actions.js')).list))
  jobs.command('run').description('run every queued job that is due, here and now; the timetable stays with the worker (npm start, scripts/worker.ts)').option('--tenant <slug>')
    .addHelpText('before', 'Examples:\n  $ ezscale jobs run\n  $ ezscale jobs run --tenant acme\n').action(run(async () => (await import('./jobs-actions.js')).runDue))
  jobs.command('retry').argument('<id>', 'as shown by jobs list').description('make a waiting or parked job due now')
    .addHelpText('before', 'Examples:\n  $ ezscale jobs retry parked:17\n').action(run(async () => (await import('./jobs-actions.js')).retry))
}
