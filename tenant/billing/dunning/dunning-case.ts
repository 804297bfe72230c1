/** What is done about one invoice that is not paid. One case an invoice, for ever: paid, opened again and overdue again, it goes on where it stopped. */
import { TenantModel } from '../../../shared/database/tenant-model.js'
import { Refusal } from '../../../shared/errors.js'
import type { Invoice } from '../invoices/invoice.js'

export type CaseStatus = 'open' | 'paused' | 'exempt' | 'repaired' | 'ended'

export class DunningCase extends TenantModel {
  static override tableName = 'dunning_cases'
  /** repaired: paid. ended: void, credited or written off. exempt: staff decided that nothing happens. */
  static override moves = { open: ['paused', 'exempt', 'repaired', 'ended'], paused: ['open', 'exempt', 'repaired', 'ended'], exempt: ['open', 'repaired', 'ended'], repaired: ['open', 'ended'], ended: [] } as const
  declare id: number
  declare publicId: string
  declare invoiceId: number
  declare userId: number
  declare status: CaseStatus
  declare dueAt: Date
  /** When something is to be done or looked at; null: nothing by itself. */
  declare nextAt: Date | null
  declare pausedUntil: Date | null
  /** Of staff, for the pause or the exemption. */
  declare reason: string | null
  declare closedAt: Date | null
  declare createdAt: Date
  declare updatedAt: Date

  get isOver(): boolean {
    return this.isSettled || this.status === 'exempt'
  }
  /** Paid, void, credited or written off: nothing is left to decide. */
  get isSettled(): boolean {
    return this.status === 'repaired' || this.status === 'ended'
  }

  refusalToPause(): Refusal | null {
    return this.isSettled ? settled() : this.status === 'exempt' ? exempt() : null
  }
  /** Ends a pause or an exemption. */
  refusalToResume(): Refusal | null {
    if (this.isSettled) return settled()
    return this.status === 'open' ? new Refusal('dunning.open', 'It is neither paused nor exempt.') : null
  }
  refusalToExempt(): Refusal | null {
    return this.isSettled ? settled() : this.status === 'exempt' ? exempt() : null
  }
  refusalToRetry(invoice: Pick<Invoice, 'refusalToPay'>): Refusal | null {
    return this.isSettled ? settled() : this.status === 'exempt' ? exempt() : invoice.refusalToPay()
  }
  /** `openAttempts`: payment attempts on the invoice whose end is not known yet. An exempt one may be given up as well. */
  refusalToForgive(invoice: Pick<Invoice, 'refusalToWriteOff'>, openAttempts: number): Refusal | null {
    return this.isSettled ? settled() : invoice.refusalToWriteOff(openAttempts)
  }
}

const settled = (): Refusal => new Refusal('dunning.over', 'This invoice is settled. There is nothing to do any more.')
const exempt = (): Refusal => new Refusal('dunning.exempt', 'It is exempt from dunning. Take that back first.')

/** `done`; `passed`: came too late or said the same as another; `skipped`: by staff; `covered`: nothing was to be done. */
export type Outcome = 'done' | 'passed' | 'skipped' | 'covered'

export interface StepDetail {
  /** Whom it suspended or ended. */
  readonly serviceIds?: readonly number[]
  /** In words, for the desk. */
  readonly note?: string
}

/** A step that was carried out: once a case (unique). Never changed. */
export class DunningStep extends TenantModel {
  static override tableName = 'dunning_steps'
  static override timestamps = [] as const
  static override jsonAttributes = ['detail']
  declare id: number
  declare caseId: number
  declare step: string
  declare kind: 'remind' | 'retry' | 'warn' | 'suspend' | 'terminate'
  declare outcome: Outcome
  declare plannedAt: Date
  declare doneAt: Date
  declare detail: StepDetail
}

/** Open cases of a customer whose invoice is overdue. */
export async function dunningOf(userId: number, now: Date): Promise<DunningCase[]> {
  return DunningCase.query().where({ userId }).whereIn('status', ['open', 'paused']).where('dueAt', '<=', now).orderBy('dueAt')
}
