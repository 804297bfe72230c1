/** MongoDB's wire format, as far as a current driver speaks it: OP_MSG, and OP_QUERY for the first greeting. https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ */
import { BSON } from 'mongodb'

export type Document = Record<string, unknown>
export interface Call {
  readonly requestId: number
  readonly legacy: boolean
  readonly command: Document
}

const opQuery = 2004
const options = { promoteValues: true, promoteLongs: true, useBigInt64: false }
const read = (bytes: Buffer): Document => BSON.deserialize(bytes, options)

/** Cuts whole messages off the front; what remains waits for more bytes. */
export function takeMessages(bytes: Buffer): { messages: Buffer[]; rest: Buffer } {
  const messages: Buffer[] = []
  let rest = bytes
  while (rest.length >= 4 && rest.length >= rest.readInt32LE(0)) {
    const length = rest.readInt32LE(0)
    if (length < 16) throw new Error('This is no MongoDB message.')
    messages.push(rest.subarray(0, length))
    rest = rest.subarray(length)
  }
  return { messages, rest }
}

export function readCall(message: Buffer): Call {
  const requestId = message.readInt32LE(4)
  if (message.readInt32LE(12) === opQuery) {
    const nameEnd = message.indexOf(0, 20)
    return { requestId, legacy: true, command: read(message.subarray(nameEnd + 9)) }
  }
  return { requestId, legacy: false, command: readSections(message) }
}

/** Kind 0: the command. Kind 1: a list of documents that belongs into it under a name (the rows of an insert). */
function readSections(message: Buffer): Document {
  let command: Document = {}
  for (let at = 20; at < message.length;) {
    const kind = message[at]
    const length = message.readInt32LE(at + 1)
    const end = at + 1 + length
    if (kind === 0) command = { ...read(message.subarray(at + 1, end)), ...command }
    else {
      const nameEnd = message.indexOf(0, at + 5)
      command[message.toString('utf8', at + 5, nameEnd)] = readList(message.subarray(nameEnd + 1, end))
    }
    at = end
  }
  return command
}

function readList(bytes: Buffer): Document[] {
  const list: Document[] = []
  for (let at = 0; at < bytes.length; at += bytes.readInt32LE(at)) list.push(read(bytes.subarray(at, at + bytes.readInt32LE(at))))
  return list
}

export function writeAnswer(call: Call, answer: Document): Buffer {
  const body = Buffer.from(BSON.serialize(answer, { ignoreUndefined: true }))
  const head = Buffer.alloc(call.legacy ? 36 : 21)
  head.writeInt32LE(head.length + body.length, 0)
  head.writeInt32LE(call.requestId, 8)
  head.writeInt32LE(call.legacy ? 1 : 2013, 12)
  if (call.legacy) head.writeInt32LE(1, 32)
  return Buffer.concat([head, body])
}
