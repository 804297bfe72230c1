/**
 * Receiving webhooks: verify on the raw body, store once, answer 200. A job does the work, by fetching the object again,
 * so order and repetition of events stop mattering. The answer leaves only after the event is stored: what we lose, the gateway sends again.
 */
import express, { type Request, type RequestHandler, type Response } from 'express'
import { NotFound } from '../errors.js'
import { log } from '../log.js'
import { BadWebhook, type GatewayEvent, type HeaderOf } from './gateway-events.js'

/** Larger than any event of a gateway. */
const LIMIT = '512kb'

export interface WebhookDesk {
  /** The account that this address belongs to, ready to verify; null when there is none. */
  open(accountPublicId: string): Promise<OpenDesk | null>
}
export interface OpenDesk {
  verify(rawBody: Buffer, header: HeaderOf): Promise<GatewayEvent>
  /** Stores the event unless it is known, and asks for its processing. False: it was known. */
  store(event: GatewayEvent, rawBody: string): Promise<boolean>
}

/** Body parser and handler of one webhook address. Mount before any other body parser and before the CSRF check. A gateway that cannot be asked for the signature: 502, it sends again. */
export function inboundWebhook(desk: WebhookDesk): RequestHandler[] {
  return [
    express.raw({ type: () => true, limit: LIMIT }),
    async (req: Request, res: Response) => {
      const open = await desk.open(String(req.params.accountPublicId))
      if (!open) throw new NotFound('address')
      const event = await checked(open, Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0), (name) => req.get(name), res)
      if (!event) return
      const fresh = await open.store(event, (req.body as Buffer).toString('utf8'))
      res.status(200).json({ received: true, fresh })
    },
  ]
}

async function checked(open: OpenDesk, body: Buffer, header: HeaderOf, res: Response): Promise<GatewayEvent | null> {
  try {
    return await open.verify(body, header)
  } catch (error) {
    if (!(error instanceof BadWebhook)) throw error
    log().warn({ reason: error.message, bytes: body.length }, 'A webhook was refused')
    res.status(400).json({ error: error.message })
    return null
  }
}
