/** Secrets in columns. A sealed value opens only in the row, column and tenant it was sealed for. */
import { seal, unseal } from '../security/encryption.js'
import { currentTenantOrNull } from '../tenancy/context.js'

export interface SealedColumn {
  seal(plain: string): string
  /** Throws when the value was changed or moved, or its key is not configured. */
  open(sealed: string): string
}

/** `rowKey` is something of the row that never changes and is known before the insert: its public id or its own code. The owner is the current tenant, or central. */
export function sealed(table: string, column: string, rowKey: string | number): SealedColumn {
  const where = `${currentTenantOrNull()?.uuid ?? 'central'}:${table}:${column}:${rowKey}`
  return { seal: (plain) => seal(plain, where), open: (text) => unseal(text, where) }
}
