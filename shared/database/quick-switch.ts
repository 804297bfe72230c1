/**
 * COM_CHANGE_USER in one round trip. The server always answers it by asking for the password proof again; MariaDB asks with the challenge
 * of the first handshake, so the proof can be sent along at once. Whether a server does so is learned from its first answer; where it does
 * not (a fresh challenge each time, as with caching_sha2_password), we answer when asked or leave the switch to the driver.
 * https://mariadb.com/kb/en/com_change_user/ , https://mariadb.com/kb/en/connection/#authentication-switch-request
 */
import { hash } from 'node:crypto'
import type { RawConnection } from './physical.js'

const PLUGIN = 'mysql_native_password'
const CONNECT_ATTRS = 0x100000

/** What is known of a server's way to ask; one for each broker. */
export interface SwitchStyle {
  /** It repeats the first challenge: proofs may be sent ahead. Undefined until it was seen. */
  repeats?: boolean
}
interface Credentials {
  readonly user: string
  readonly password: string
  readonly database: string
}
/** The parts of the driver's connection that a command works with; not in its published types. */
interface Wire {
  config: { user: string; password: string; database: string; charsetNumber: number; clientFlags: number }
  _handshakePacket?: { authPluginName?: string; authPluginData1?: Buffer; authPluginData2?: Buffer }
  sequenceId: number
  write(bytes: Buffer): void
  addCommand(command: unknown): void
}
interface Packet {
  buffer: Buffer
  /** Where the payload begins and ends. */
  offset: number
  end: number
  isError(): boolean
  asError(encoding: string): Error
}

const sha1 = (...parts: Buffer[]): Buffer => hash('sha1', Buffer.concat(parts), 'buffer')
const hashes = new WeakMap<Credentials, { once: Buffer; twice: Buffer }>()

function proof(account: Credentials, challenge: Buffer): Buffer {
  if (account.password === '') return Buffer.alloc(0)
  let known = hashes.get(account)
  if (!known) {
    const once = sha1(Buffer.from(account.password))
    hashes.set(account, (known = { once, twice: sha1(once) }))
  }
  const mask = sha1(challenge, known.twice)
  for (let i = 0; i < 20; i++) mask[i] = (mask[i] as number) ^ (known.once[i] as number)
  return mask
}

function framed(sequence: number, payload: Buffer): Buffer {
  const header = Buffer.from([payload.length & 0xff, (payload.length >> 8) & 0xff, payload.length >> 16, sequence])
  return Buffer.concat([header, payload])
}

/** Speaks one change of user on the driver's queue. Duck-typed as one of its commands. */
class SwitchCommand {
  _commandName = 'QuickSwitch'
  private started = false
  /** The proof went out with the wish: another command may have taught `style` since. */
  private ahead = false
  private readonly challenge: Buffer

  constructor(private readonly account: Credentials, private readonly style: SwitchStyle, readonly onResult: (error: Error | null) => void, wire: Wire) {
    const { authPluginData1, authPluginData2 } = wire._handshakePacket as { authPluginData1: Buffer; authPluginData2: Buffer }
    this.challenge = Buffer.concat([authPluginData1, authPluginData2]).subarray(0, 20)
  }

  stateName(): string {
    return this.started ? 'waiting' : 'start'
  }

  /** Called without a packet to begin, then with each answer; true when finished. */
  execute(packet: Packet | undefined, wire: Wire): boolean {
    if (!packet || !this.started) return this.start(wire)
    if (packet.isError()) {
      this.onResult(packet.asError('utf8'))
      return true
    }
    return packet.buffer[packet.offset] === 0xfe ? this.asked(packet, wire) : this.accepted(wire)
  }

  private start(wire: Wire): boolean {
    this.started = true
    const { user, database } = this.account
    const token = proof(this.account, this.challenge)
    const { charsetNumber, clientFlags } = wire.config
    const tail = Buffer.from([charsetNumber & 0xff, charsetNumber >> 8])
    const attributes = clientFlags & CONNECT_ATTRS ? Buffer.from([0]) : Buffer.alloc(0)
    const change = framed(0, Buffer.concat([Buffer.from([0x11]), Buffer.from(`${user}\0`), Buffer.from([token.length]), token, Buffer.from(`${database}\0`), tail, Buffer.from(`${PLUGIN}\0`), attributes]))
    this.ahead = this.style.repeats === true
    wire.write(this.ahead ? Buffer.concat([change, framed(2, token)]) : change)
    wire.sequenceId = 1
    return false
  }

  /** `fe plugin\0 challenge\0`: the server asks for a proof. */
  private asked(packet: Packet, wire: Wire): boolean {
    const body = packet.buffer.subarray(packet.offset + 1, packet.end)
    const zero = body.indexOf(0)
    const challenge = body.subarray(zero + 1, zero + 21)
    const expected = body.toString('latin1', 0, zero) === PLUGIN
    const repeated = expected && challenge.equals(this.challenge)
    this.style.repeats = repeated
    if (this.ahead && !repeated) throw new Error('The server changed its way to ask for the password proof.')
    if (!expected) throw new Error(`The server asks for a proof by another method than ${PLUGIN}.`)
    if (!this.ahead) wire.write(framed(2, proof(this.account, Buffer.from(challenge))))
    wire.sequenceId = 3
    return false
  }

  private accepted(wire: Wire): boolean {
    const { user, password, database } = this.account
    Object.assign(wire.config, { user, password, database })
    this.onResult(null)
    return true
  }

  /** The driver expects commands to be emitters. */
  emit(): boolean {
    return false
  }
}

/** Becomes another account, in one round trip where the server allows it. The caller destroys the connection on any error. */
export function changeUser(raw: RawConnection, account: Credentials, style: SwitchStyle, done: (error: Error | null) => void): void {
  const wire = raw as unknown as Wire
  if (wire._handshakePacket?.authPluginName === PLUGIN && style.repeats !== false) {
    wire.addCommand(new SwitchCommand(account, style, done, wire))
  } else {
    const { user, password, database } = account
    raw.changeUser({ user, password, database }, done)
  }
}
