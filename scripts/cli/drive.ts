/** For the tests of the command line: one process that runs line after line (loading our code once), and processes of their own where the environment or standard input matters. */
import { fork, spawn, type ChildProcess } from 'node:child_process'
import { scriptBeside } from '../../shared/testing/own-process.js'

export interface Outcome { code: number; out: string; err: string; json: <T>() => T }
const outcomeOf = (m: { code: number; out: string; err: string }): Outcome => ({ ...m, json: <T>() => JSON.parse(m.out) as T })

export class Driver {
  private readonly child: ChildProcess
  constructor(env: Record<string, string>) {
    const { file, execArgv } = scriptBeside(import.meta, 'cli-driver')
    this.child = fork(file, { execArgv: [...execArgv], env })
  }
  /** Runs one command line and keeps what it writes. */
  run(...argv: string[]): Promise<Outcome> {
    const answer = new Promise<Outcome>((resolve) => this.child.once('message', (m: Outcome) => resolve(outcomeOf(m))))
    this.child.send(argv)
    return answer
  }
  end(): void {
    this.child.disconnect()
  }
}

/** One command line as a shell runs it, with exactly this environment and input. */
export async function runAlone(argv: readonly string[], env: Record<string, string>, input = ''): Promise<Outcome> {
  const { file, execArgv } = scriptBeside(import.meta, '../cli')
  const child = spawn(process.execPath, [...execArgv, file, ...argv], { env })
  const said = { out: '', err: '' }
  child.stdout.on('data', (text: Buffer) => (said.out += String(text)))
  child.stderr.on('data', (text: Buffer) => (said.err += String(text)))
  child.stdin.end(input)
  const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? -1)))
  return outcomeOf({ code, ...said })
}
