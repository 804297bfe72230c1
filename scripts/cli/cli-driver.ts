/** For drive.ts: a process of its own that runs one command line after the other, as scripts/cli.ts would, and reports what each wrote. */
import { forgetBundles } from '../../shared/database/migration-bundle.js'
import { runCli } from './program.js'

const kept = { out: '', err: '' }
process.stdout.write = (text: string | Uint8Array) => Boolean((kept.out += String(text)))
process.stderr.write = (text: string | Uint8Array) => Boolean((kept.err += String(text)))

process.on('message', (argv: string[]) => {
  [kept.out, kept.err] = ['', '']
  forgetBundles()
  void runCli(argv).then((code) => process.send!({ code, ...kept }))
})
process.on('disconnect', () => process.exit(0))
