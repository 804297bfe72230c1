/** A payment that the customer disputes at the bank or at PayPal: how it stands, and what a shop answers. */
export interface GatewayDispute {
  readonly id: string
  /** `inquiry`: a question, no money has moved. `open`: the gateway holds the money. `closed`: over without money having moved. */
  readonly status: 'inquiry' | 'open' | 'won' | 'lost' | 'closed'
  /** It is our turn: evidence can be given. False while the gateway or the bank decides, and when it is over. */
  readonly needsAnswer: boolean
  /** How often evidence has been given, by us or at the gateway's own page. */
  readonly submissions: number
  readonly amountMinor: number
  readonly currency: string
  /** The gateway's word: `fraudulent`, `MERCHANDISE_OR_SERVICE_NOT_RECEIVED`. */
  readonly reason: string
  readonly paymentId: string | null
  /** Our mark on the disputed payment. */
  readonly attempt: string | null
  readonly tenant: string | null
  readonly respondBy: Date | null
}

/** What a shop says in a dispute, in plain text; an empty part is not sent. Together at most 150,000 characters: Stripe takes no more. */
export interface Evidence {
  readonly customerName: string
  readonly customerEmail: string
  readonly customerAddress: string
  /** Where the order came from: one IP address. */
  readonly purchaseIp: string
  readonly productDescription: string
  /** Which days the payment is for. */
  readonly servicePeriod: string
  /** When and how the customer ordered and agreed, with the numbers of order and invoice. */
  readonly agreement: string
  /** Sign-ins and use, a line each. */
  readonly accessLog: string
  readonly refundPolicy: string
  readonly cancellationPolicy: string
  /** Why the customer is not right, in the shop's own words. */
  readonly statement: string
}
export type EvidencePart = keyof Evidence

export interface EvidenceFile {
  readonly filename: string
  readonly contentType: 'application/pdf'
  readonly content: Buffer
}
export interface EvidenceRequest {
  /** Of the answer's row; committed before the call. */
  readonly key: string
  readonly disputeId: string
  /** The gateway's word for why the customer disputes: says where the statement belongs. */
  readonly reason: string
  readonly evidence: Evidence
  /** The invoice, as proof of what was bought. */
  readonly receipt: EvidenceFile | null
}
export interface AcceptRequest {
  readonly key: string
  readonly disputeId: string
}
