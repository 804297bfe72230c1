/** A choice of the shop, kept as JSON in one row of `settings`. The feature that reads it defines it, beside its rule. */
import type { z } from 'zod'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { record } from '../../shared/events/record.js'
import { clock } from '../../shared/time/clock.js'

export interface Setting<T> {
  readonly name: string
  /** What the shop chose; the fallback when it chose nothing, or something that the schema no longer takes. */
  read(): Promise<T>
  /** Keeps it and records who changed what. Throws ZodError for a value outside the schema. */
  write(value: T): Promise<void>
}

/** `name`: `<feature>.<choice>`, e.g. `invoices.terms`. */
export function defineSetting<T>(name: string, schema: z.ZodType<T>, fallback: T): Setting<T> {
  return {
    name,
    async read() {
      const row = await tenantDb()('settings').where({ name }).first<{ value: unknown } | undefined>('value')
      if (!row) return fallback
      const kept = schema.safeParse(typeof row.value === 'string' ? JSON.parse(row.value) : row.value)
      return kept.success ? kept.data : fallback
    },
    async write(value) {
      const after = schema.parse(value)
      await tenantTransaction(async () => {
        const before = await this.read()
        await tenantDb()('settings').insert({ name, value: JSON.stringify(after), updated_at: clock.now() }).onConflict('name').merge(['value', 'updated_at'])
        if (JSON.stringify(before) !== JSON.stringify(after)) await record('setting.changed', null, { setting: name, before, after })
      })
    },
  }
}
