/** How much credit may be bought at once. Pure. About 5 to 1,000 dollars, in round sums of each currency. */
import { exponentOf } from '../../../../shared/money/currency.js'

/** The smallest top-up in whole units; 5 where a unit is worth about a dollar. The largest is 200 times as much. */
const least: Readonly<Record<string, number>> = Object.freeze({
  AED: 20, ARS: 5000, BGN: 10, BHD: 2, BIF: 15_000, CLP: 5000, CNY: 40, COP: 20_000, CRC: 2500, CZK: 100, DJF: 1000, DKK: 50, EGP: 250, GNF: 50_000, HKD: 40, HUF: 2000, IDR: 100_000, ILS: 20, INR: 500, IQD: 7500,
  ISK: 500, JOD: 4, JPY: 500, KES: 500, KMF: 2500, KRW: 5000, KWD: 2, KZT: 2500, LKR: 1500, LYD: 25, MAD: 50, MGA: 20_000, MXN: 100, MYR: 25, NGN: 10_000, NOK: 50, OMR: 2, PHP: 300, PKR: 1500, PLN: 20, PYG: 40_000, QAR: 20,
  RON: 25, RSD: 500, RUB: 500, RWF: 5000, SAR: 20, SEK: 50, THB: 200, TND: 15, TRY: 200, TWD: 150, TZS: 15_000, UAH: 200, UGX: 20_000, UYI: 200, UYU: 200, VND: 100_000, VUV: 500, XAF: 3000, XOF: 3000, XPF: 500, ZAR: 100,
})

/** In minor units, both included. */
export function topUpLimits(currency: string): { readonly least: number; readonly most: number } {
  const smallest = (least[currency] ?? 5) * 10 ** exponentOf(currency)
  return { least: smallest, most: smallest * 200 }
}
