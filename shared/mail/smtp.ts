/** The door to SMTP. One message to one recipient; the answer says whether it may be tried again. */
import { createTransport, type Transporter } from 'nodemailer'
import { config } from '../config.js'
import { OutsideError } from '../errors.js'
import { assertOutsideAllowed } from '../outside/client.js'
import { oneAddress, oneLine, type Address } from './address.js'
import type { Attachment } from './attachments.js'

export interface Outgoing {
  /** Without angle brackets. The same for every repetition of one letter, so that a repeated one is recognised. */
  readonly messageId: string
  readonly envelopeFrom: string
  readonly from: Address
  readonly to: Address
  readonly replyTo: string | null
  readonly subject: string
  readonly html: string
  readonly text: string
  readonly attachments: readonly Attachment[]
}

let transport: { url: string; transporter: Transporter } | undefined

function transporter(): Transporter {
  const url = config().SMTP_URL
  if (transport?.url !== url) {
    transport?.transporter.close()
    transport = { url, transporter: createTransport({ url, pool: true, maxConnections: 3, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000, disableFileAccess: true, disableUrlAccess: true }) }
  }
  return transport.transporter
}

export function closeSmtp(): void {
  transport?.transporter.close()
  transport = undefined
}

/**
 * Resolves with the server's answer once it has taken the message. Throws OutsideError: `retryable` false when the server refused this message
 * or this recipient for good (5xx), `unknown` when the connection broke after the message was sent and it may have been taken.
 */
export async function deliverBySmtp(mail: Outgoing): Promise<string> {
  assertOutsideAllowed('smtp')
  const [from, to] = [oneAddress(mail.from), oneAddress(mail.to)]
  try {
    const info = await transporter().sendMail({
      messageId: `<${mail.messageId}>`, from: { name: from.name, address: from.email }, to: { name: to.name, address: to.email },
      ...(mail.replyTo ? { replyTo: oneAddress({ email: mail.replyTo, name: '' }).email } : {}),
      envelope: { from: mail.envelopeFrom, to: [to.email] }, subject: oneLine(mail.subject, 255), html: mail.html, text: mail.text,
      attachments: mail.attachments.map((a) => ({ filename: oneLine(a.filename, 120), contentType: a.contentType, content: a.content })),
      headers: { 'Auto-Submitted': 'auto-generated' }, xMailer: false,
    }) as { response?: string }
    return info.response ?? ''
  } catch (error) {
    throw outsideError(error as { code?: string; responseCode?: number; command?: string; message?: string })
  }
}

/** Only an answer to this sender, recipient or text is final. A refused sign-in or greeting is our trouble and passes. */
function outsideError(error: { code?: string; responseCode?: number; command?: string; message?: string }): OutsideError {
  const aboutMessage = error.code === 'EENVELOPE' || error.code === 'EMESSAGE'
  const final = aboutMessage && (error.responseCode ?? 0) >= 500
  const lost = error.responseCode === undefined && error.command === 'DATA'
  const message = oneLine(error.message ?? 'SMTP failed', 400)
  return new OutsideError(message, { door: 'smtp', retryable: !final, unknown: lost, code: String(error.responseCode ?? error.code ?? 'unknown'), cause: error })
}
