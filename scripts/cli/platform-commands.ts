/** `servers list|add`, `providers list|add`, `staff add`: what an installation needs once. Secrets come by standard input, never by a flag. */
import type { Command } from 'commander'
import { run } from './command.js'

export function platformCommands(root: Command): void {
  const servers = root.command('servers').description('database servers that tenants live on')
  servers.command('list').description('servers with their number of tenants').addHelpText('before', 'Examples:\n  $ ezscale servers list --json\n').action(run(async () => (await import('./platform-actions.js')).listServers))
  servers.command('add').argument('<name>').description('add a server; its administrator URL is read from standard input').option('--max-tenants <n>', 'most tenants there', '5000')
    .addHelpText('before', 'Examples:\n  $ ezscale servers add db2 < db2.url        the file holds mysql://admin:password@host:3306\n').action(run(async () => (await import('./platform-actions.js')).addServer))
  const providers = root.command('providers').description('services that run what is sold')
  providers.command('list').description('connections, without their secrets').action(run(async () => (await import('./platform-actions.js')).listProviders))
  providers.command('add').argument('<kind>', 'kasm').argument('<name>').description('add or change a connection; its keys are read from standard input as JSON').requiredOption('--url <url>', 'address of the service')
    .addHelpText('before', 'Examples:\n  $ ezscale providers add kasm main --url https://kasm.example.com < keys.json     {"apiKey": "…", "apiKeySecret": "…"}\n').action(run(async () => (await import('./platform-actions.js')).addProvider))
  const staff = root.command('staff').description('people who use the console')
  staff.command('add').argument('<email>').description('add a person; the password is read from standard input').requiredOption('--name <name>').option('--role <role>', 'admin, support or billing', 'support')
    .addHelpText('before', 'Examples:\n  $ ezscale staff add ann@example.com --name Ann --role admin < password.txt\n').action(run(async () => (await import('./platform-actions.js')).addPerson))
}
