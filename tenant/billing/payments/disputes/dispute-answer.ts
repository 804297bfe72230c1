/** What a shop answers in a dispute: a draft that staff edits, then sent once. A gateway that asks again later gets another round. */
import { TenantModel } from '../../../../shared/database/tenant-model.js'
import type { Evidence, GatewayDispute } from '../../../../shared/payments/gateway-disputes.js'

/** `sending`: the row is committed, the gateway is being asked. `unknown`: its answer was lost; the dispute itself will tell. */
export type AnswerStatus = 'draft' | 'sending' | 'unknown' | 'sent'
export type AnswerKind = 'evidence' | 'acceptance'

export class DisputeAnswer extends TenantModel {
  static override tableName = 'dispute_answers'
  static override booleans = ['attachReceipt']
  static override get jsonAttributes() {
    return ['evidence']
  }
  /** Back to `draft`: it certainly never arrived. */
  static override moves = { draft: ['sending'], sending: ['unknown', 'sent', 'draft'], unknown: ['sent', 'draft'], sent: [] } as const
  declare id: number
  declare publicId: string
  declare disputeId: number
  /** 1, 2, … within the dispute. */
  declare round: number
  declare kind: AnswerKind
  declare status: AnswerStatus
  declare evidence: Evidence
  declare attachReceipt: boolean
  /** The invoice as it was printed for this answer: every repeat sends the same bytes. */
  declare receipt: Buffer | null
  declare receiptName: string | null
  /** Grows with every change: what is sent is what was shown. */
  declare version: number
  /** How often it was sent off as something new; part of the key. */
  declare tries: number
  declare idempotencyKey: string | null
  /** The gateway's count when it was sent off: when it has grown, this answer has arrived. */
  declare submissionsBefore: number
  /** Why it came back; fit to show to staff. */
  declare problem: string | null
  declare nextCheckAt: Date | null
  declare checks: number
  declare claimedAt: Date | null
  declare settledAt: Date | null
  declare createdAt: Date
  declare updatedAt: Date

  static async latest(disputeId: number): Promise<DisputeAnswer | null> {
    return (await DisputeAnswer.query().where({ disputeId }).orderBy('round', 'desc').first()) ?? null
  }

  get isUnderWay(): boolean {
    return this.status === 'sending' || this.status === 'unknown'
  }

  /** What the dispute says about this answer, whose fate we do not know. `missing`: it never arrived and is still wanted. `pointless`: nobody waits for it any more. */
  fateIn(truth: Pick<GatewayDispute, 'status' | 'needsAnswer' | 'submissions'>): 'arrived' | 'missing' | 'pointless' {
    const open = truth.status === 'open' || truth.status === 'inquiry'
    if (open && truth.needsAnswer) return 'missing'
    if (this.kind === 'acceptance') return truth.status === 'lost' ? 'arrived' : 'pointless'
    return open || truth.submissions > this.submissionsBefore ? 'arrived' : 'pointless'
  }
}
