/**
 * SQL for the seconds of all increments that a span has begun (`increment` in seconds; the span from one column to a later one, to the microsecond).
 * In whole numbers: MySQL rounds a quotient to four digits, so that a division would lose an increment begun by a few milliseconds.
 */
export const begunIncrements = (from: string, to: string, increment: number): string =>
  `((timestampdiff(microsecond, ${from}, ${to}) + ${increment * 1_000_000 - 1}) div ${increment * 1_000_000}) * ${increment}`
