/** Every command on one screen. Nouns, then verbs; the same flags everywhere. */
import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { centralCommands } from './central-commands.js'
import { clockCommands } from './clock-commands.js'
import { disconnect, outcome } from './command.js'
import { doctorCommand } from './doctor-command.js'
import { exitCodeOf, exitHelp, sayError } from './exit-codes.js'
import { fleetCommands } from './fleet-commands.js'
import { jobsCommands } from './jobs-commands.js'
import { lifecycleCommands } from './lifecycle-commands.js'
import { listCommands } from './list-commands.js'
import { platformCommands } from './platform-commands.js'
import { runCommands } from './run-commands.js'
import { red, say } from './terminal.js'

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }

const examples = `Examples:
  $ ezscale tenants list                          who is there, and at which schema
  $ ezscale tenants migrate --all --canary 5      bring everybody to this version, five first
  $ ezscale tenants resume --all                  go on after a failure or a crash
  $ ezscale tenants create --name "Acme Hosting" --host shop.acme.example --owner-name Ann --owner-email ann@acme.example
  $ ezscale tenants audit --all --json            findings; an empty array means all well
  $ ezscale clock advance --tenant acme --by "31 days"
  $ ezscale doctor
`

export function program(): Command {
  const root = new Command('ezscale').description('Runs the platform: tenants, schemas, jobs, sandbox clocks').version(version)
    .option('--json', 'the result as JSON on stdout').option('--ndjson', 'a line of JSON a tenant, as it happens').option('-y, --yes', 'answer yes to questions').option('--no-color', 'no colours (also NO_COLOR)')
    .addHelpText('before', examples).addHelpText('afterAll', exitHelp).showHelpAfterError('Add --help for what this command takes.').exitOverride()
  const tenants = root.command('tenants').description('resellers\' shops: list, open, migrate, suspend, audit')
  listCommands(tenants)
  fleetCommands(tenants)
  lifecycleCommands(tenants)
  runCommands(tenants)
  centralCommands(root)
  platformCommands(root)
  jobsCommands(root)
  clockCommands(root)
  doctorCommand(root)
  const strict = (command: Command): void => {
    command.exitOverride().allowExcessArguments(false).configureHelp({ showGlobalOptions: true })
    for (const child of command.commands) strict(child)
  }
  strict(root)
  return root
}

/** Answers the exit code. */
export async function runCli(argv: readonly string[]): Promise<number> {
  try {
    await program().parseAsync([...argv], { from: 'user' })
    return outcome.code
  } catch (error) {
    if (!(error instanceof CommanderError)) say(red(sayError(error)))
    return exitCodeOf(error)
  } finally {
    await disconnect()
  }
}
