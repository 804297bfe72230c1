/** Around every command: configuration, connections, Ctrl-C and the exit code. */
import type { Command } from 'commander'
import { config } from '../../shared/config.js'
import { logToStderr } from '../../shared/log.js'
import type { GlobalFlags } from './options.js'
import { say, useColour } from './terminal.js'

let closing: (() => Promise<void>) | undefined

/** Enough for commands about schemas: the servers are known, nothing of the apps is loaded. */
export async function connect(): Promise<void> {
  config()
  const { registerKnownServers } = await import('../../central/servers.js')
  const { closeDatabases } = await import('../../shared/database/central-database.js')
  closing = closeDatabases
  await registerKnownServers()
}

/** For commands that run the apps' own code: directory, jobs, reactions. */
export async function connectApps(): Promise<void> {
  config()
  const { boot, shutdown } = await import('../boot.js')
  closing = shutdown
  await boot()
}

export async function disconnect(): Promise<void> {
  await closing?.().catch(() => undefined)
  closing = undefined
}

const stop = new AbortController()
let listening = false
/** Aborts at the first Ctrl-C; the second one ends the process. The journals are right in both cases. */
export function stopSignal(): AbortSignal {
  if (!listening) {
    listening = true
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (stop.signal.aborted) process.exit(130)
        say('\nStopping: the tenants at work are being finished. Press Ctrl-C again to end at once.')
        stop.abort()
      })
    }
  }
  return stop.signal
}

export const outcome = { code: 0 }

/** Turns a function of (flags, ...arguments) that answers an exit code into an action. */
export function run<F extends GlobalFlags, A extends string[]>(fn: (flags: F, ...words: A) => Promise<number | void>) {
  return async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command
    const words = given.slice(0, -2) as A
    const flags = command.optsWithGlobals<F>()
    useColour(flags.color !== false, process.env)
    logToStderr()
    outcome.code = (await fn(flags, ...words)) ?? 0
  }
}
