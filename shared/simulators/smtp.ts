/** A mail server that keeps everything and delivers nothing: the demo shows its mail at /mail, tests look into it. With switches for what real servers do wrong. */
import type { AddressInfo } from 'node:net'
import { simpleParser, type AddressObject } from 'mailparser'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'

export interface CaughtMail {
  readonly id: number
  readonly receivedAt: Date
  readonly envelope: { readonly from: string; readonly to: string[] }
  readonly from: string
  readonly to: string
  readonly replyTo: string
  readonly subject: string
  readonly messageId: string
  readonly html: string
  readonly text: string
  readonly attachments: ReadonlyArray<{ filename: string; contentType: string; content: Buffer }>
  readonly raw: string
}

export interface SmtpFault {
  /** A status such as 451 or 550, or to take the message and then hang up without an answer. */
  answer: number | 'drop-after-data'
  /** Where the status is given. Default: after the data. */
  at?: 'recipient' | 'data'
  /** Only for recipients that contain this. */
  to?: string
  /** How often; default: always. */
  times?: number
}
type Done = (error?: Error | null, message?: string) => void

const most = 500
const smtpError = (status: number): Error => Object.assign(new Error(status < 500 ? 'Try again later' : 'This mailbox does not take mail'), { responseCode: status })
const addressText = (value: AddressObject | AddressObject[] | undefined): string => (Array.isArray(value) ? value : value ? [value] : []).map((a) => a.text).join(', ')

export class SmtpCatcher {
  readonly mails: CaughtMail[] = []
  faults: SmtpFault[] = []
  /** Milliseconds before each message is answered. */
  slowMs = 0
  private counter = 0
  private readonly server: SMTPServer

  constructor(private port = 0) {
    this.server = new SMTPServer({
      disabledCommands: ['STARTTLS', 'AUTH'], logger: false, size: 25_000_000, banner: 'catcher',
      onRcptTo: (address, _session, done: Done) => {
        const fault = this.takeFault('recipient', [address.address])
        done(typeof fault === 'number' ? smtpError(fault) : null)
      },
      onData: (stream, session, done: Done) => void this.receive(stream, session, done),
    })
    this.server.on('error', () => {})
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject)
      this.server.listen(this.port, '127.0.0.1', resolve)
    })
    this.port = (this.server.server.address() as AddressInfo).port
    return this
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(() => resolve()))
  }

  clear(): void {
    this.mails.length = 0
    this.faults = []
    this.slowMs = 0
  }

  /** Newest mail to this address. Throws when there is none, naming what there is. */
  latestTo(email: string): CaughtMail {
    const found = [...this.mails].reverse().find((mail) => mail.envelope.to.includes(email))
    if (!found) throw new Error(`No mail to ${email}; caught: ${this.mails.map((m) => `${m.envelope.to.join()}: ${m.subject}`).join('; ') || 'nothing'}`)
    return found
  }

  private takeFault(at: 'recipient' | 'data', to: string[]): SmtpFault['answer'] | undefined {
    const fault = this.faults.find((f) => (f.at ?? 'data') === at && (!f.to || to.some((address) => address.includes(f.to!))))
    if (!fault) return undefined
    if (fault.times !== undefined && --fault.times <= 0) this.faults.splice(this.faults.indexOf(fault), 1)
    return fault.answer
  }

  private async receive(stream: SMTPServerDataStream, session: SMTPServerSession, done: Done): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk)
    const envelope = { from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '', to: session.envelope.rcptTo.map((r) => r.address) }
    if (this.slowMs) await new Promise((resolve) => setTimeout(resolve, this.slowMs))
    const fault = this.takeFault('data', envelope.to)
    if (typeof fault === 'number') return done(smtpError(fault))
    await this.keep(Buffer.concat(chunks), envelope)
    if (fault === 'drop-after-data') return this.hangUp(session)
    done(null, 'Caught')
  }

  private async keep(raw: Buffer, envelope: CaughtMail['envelope']): Promise<void> {
    const mail = await simpleParser(raw)
    const attachments = mail.attachments.map((a) => ({ filename: a.filename ?? 'attachment', contentType: a.contentType, content: a.content }))
    this.mails.push({
      id: ++this.counter, receivedAt: new Date(), envelope, from: addressText(mail.from), to: addressText(mail.to), replyTo: addressText(mail.replyTo),
      subject: mail.subject ?? '', messageId: mail.messageId ?? '', html: mail.html || '', text: mail.text ?? '', attachments, raw: raw.toString('utf8'),
    })
    if (this.mails.length > most) this.mails.shift()
  }

  /** smtp-server has no call for it: the connection is found by its session. */
  private hangUp(session: SMTPServerSession): void {
    const connections = (this.server as unknown as { connections: Set<{ id?: string; session?: { id: string }; _socket: { destroy(): void } }> }).connections
    for (const connection of connections) if ((connection.session?.id ?? connection.id) === session.id) connection._socket.destroy()
  }
}
