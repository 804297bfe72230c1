/** How our processes start and end: errors of the configuration exit with 78, anything unexpected with 1, signals stop gracefully. */
import { ConfigError } from '../shared/config.js'
import { log } from '../shared/log.js'

/** Runs `start`, and `stop` on SIGTERM, SIGINT or SIGHUP. A second signal ends at once. */
export async function runProcess(start: () => Promise<() => Promise<void>>): Promise<void> {
  process.on('unhandledRejection', (reason) => {
    log().fatal({ err: reason }, 'a rejection nobody handled')
    process.exitCode = 1
    setTimeout(() => process.exit(1), 100)
  })
  try {
    const stop = await start()
    let since = 0
    const end = async (signal: string): Promise<void> => {
      // One Ctrl-C may arrive twice: from the terminal and from our parent.
      if (since && Date.now() - since < 500) return
      if (since) process.exit(130)
      since = Date.now()
      log().info({ signal }, 'stopping')
      await stop()
      process.exit(0)
    }
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end(signal))
  } catch (error) {
    process.stderr.write(`${error instanceof ConfigError ? error.message : error instanceof Error ? error.stack ?? error.message : String(error)}\n`)
    process.exit(error instanceof ConfigError ? error.exitCode : 1)
  }
}
