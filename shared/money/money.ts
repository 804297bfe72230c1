/** An amount of money: whole minor units (cents) of one currency. Immutable. The only place where amounts are added. */
import { exponentOf } from './currency.js'

export class Money {
  private constructor(
    /** Safe integer; cents for USD, yen for JPY. */
    readonly minor: number,
    readonly currency: string,
  ) {
    Object.freeze(this)
  }

  /** Throws RangeError for fractions, for numbers beyond 2^53 − 1, and for codes that are not currencies. */
  static of(minor: number | bigint, currency: string): Money {
    const value = Number(minor)
    if (!Number.isSafeInteger(value)) throw new RangeError(`${String(minor)} is not a whole amount of minor units.`)
    exponentOf(currency)
    return new Money(value === 0 ? 0 : value, currency)
  }

  static zero(currency: string): Money {
    return Money.of(0, currency)
  }

  /** Sum of a list; `currency` gives the zero of an empty one. */
  static sum(amounts: readonly Money[], currency: string): Money {
    return amounts.reduce((sum, each) => sum.add(each), Money.zero(currency))
  }

  /** From what a person typed, like `12.50`: digits, one optional point, no more decimals than the currency has. Null when it is not such an amount. */
  static parse(text: string, currency: string): Money | null {
    const match = /^(-?)(\d{1,12})(?:\.(\d+))?$/.exec(text.trim())
    const exponent = exponentOf(currency)
    if (!match || (match[3] ?? '').length > exponent) return null
    const minor = BigInt(match[2]! + (match[3] ?? '').padEnd(exponent, '0'))
    const value = Number(match[1] ? -minor : minor)
    return Number.isSafeInteger(value) ? Money.of(value, currency) : null
  }

  add(other: Money): Money {
    this.assertSame(other)
    return Money.of(this.minor + other.minor, this.currency)
  }
  sub(other: Money): Money {
    return this.add(other.negate())
  }
  negate(): Money {
    return Money.of(-this.minor, this.currency)
  }
  /** −1, 0 or 1. */
  compare(other: Money): -1 | 0 | 1 {
    this.assertSame(other)
    return this.minor < other.minor ? -1 : this.minor > other.minor ? 1 : 0
  }
  equals(other: Money): boolean {
    return this.currency === other.currency && this.minor === other.minor
  }
  isZero(): boolean {
    return this.minor === 0
  }
  isPositive(): boolean {
    return this.minor > 0
  }
  /** The smaller of both. */
  min(other: Money): Money {
    return this.compare(other) <= 0 ? this : other
  }
  /** The next whole multiple of `step` minor units, away from zero; itself when it is one. */
  inSteps(step: number): Money {
    const rest = Math.abs(this.minor) % step
    return rest === 0 ? this : Money.of(this.minor + Math.sign(this.minor) * (step - rest), this.currency)
  }
  /** Plain digits for machines (CSV, JSON, logs): `12.50`. People see formatMoney() of shared/views/format.ts. */
  toString(): string {
    const exponent = exponentOf(this.currency)
    const digits = String(Math.abs(this.minor)).padStart(exponent + 1, '0')
    const whole = exponent ? `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}` : digits
    return `${this.minor < 0 ? '-' : ''}${whole}`
  }

  private assertSame(other: Money): void {
    if (this.currency !== other.currency) throw new RangeError(`${this.currency} and ${other.currency} cannot be added or compared.`)
  }
}
