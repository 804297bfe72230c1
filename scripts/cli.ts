/** What `scripts/ezscale` runs. */
import { runCli } from './cli/program.js'

process.stdout.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? process.exit(0) : undefined))
process.exit(await runCli(process.argv.slice(2)))
