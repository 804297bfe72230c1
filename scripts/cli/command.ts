/** Around every command: configuration, connections, Ctrl-C and the exit code. */
import type { Command } from 'commander'
import type { GlobalFlags } from './options.js'
import { say, useColour } from './terminal.js'

let closing: (() => Promise<void>) | undefined

async function prepare(): Promise<void> {
  const [{ config }, { logToStderr }] = await Promise.all([import('../../shared/config.js'), import('../../shared/log.js')])
  config()
  logToStderr()
}

/** Enough for commands about schemas: the servers are known, nothing of the apps is loaded. */
export async function connect(): Promise<void> {
  await prepare()
  const { registerKnownServers } = await import('../../central/servers.js')
  const { closeDatabases } = await import('../../shared/database/central-database.js')
  closing = closeDatabases
  await registerKnownServers()
}

/** For commands that run the apps' own code: directory, jobs, reactions. */
export async function connectApps(): Promise<void> {
  await prepare()
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

type Deed<F> = (flags: F, ...words: string[]) => Promise<number | void>

/** Makes an action of a deed that is loaded when it is wanted, so that --help stays quick. The deed answers an exit code. */
export function run<F extends GlobalFlags>(load: () => Promise<Deed<F>>) {
  return async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command
    const flags = command.optsWithGlobals<F>()
    useColour(flags.color !== false, process.env)
    const deed = await load()
    outcome.code = (await deed(flags, ...(given.slice(0, -2).flat() as string[]))) ?? 0
  }
}
