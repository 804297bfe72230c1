/** For what a test expects of an act that the rules may refuse. */
import { Refusal } from '../errors.js'

/** `done`, or the code of the refusal; any other error as its text. */
export const codeOf = (work: Promise<unknown>): Promise<string> => work.then(() => 'done', (error: unknown) => (error instanceof Refusal ? error.code : String(error)))
