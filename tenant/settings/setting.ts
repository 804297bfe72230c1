/** The tenant's own choices, by name: one JSON value each, read through a schema so that an old or broken value falls back. */
import type { z } from 'zod'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { clock } from '../../shared/time/clock.js'

/** A setting: its name in the table, what it may hold, and what holds while nobody chose. */
export interface Setting<T> {
  readonly name: string
  readonly schema: z.ZodType<T>
  readonly otherwise: T
}

export async function readSetting<T>(setting: Setting<T>): Promise<T> {
  const row = (await tenantDb()('settings').where({ name: setting.name }).first('value')) as { value: unknown } | undefined
  if (!row) return setting.otherwise
  const value: unknown = typeof row.value === 'string' ? JSON.parse(row.value) : row.value
  const read = setting.schema.safeParse((value as { is?: unknown } | null)?.is)
  return read.success ? read.data : setting.otherwise
}

/** Stored inside an object: a bare string in a JSON column reads differently on the two servers. */
export async function writeSetting<T>(setting: Setting<T>, value: T): Promise<void> {
  const row = { name: setting.name, value: JSON.stringify({ is: setting.schema.parse(value) }), updated_at: clock.now() }
  await tenantDb()('settings').insert(row).onConflict('name').merge()
}
