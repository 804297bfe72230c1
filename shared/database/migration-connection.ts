/** Thin connections for administration: creating databases, migrating, auditing. Requests never come here; they go through the broker. */
import type { Connection as CallbackConnection } from 'mysql2'
import mysql from 'mysql2/promise'
import { adminConnection } from './servers.js'

export { errnoOf, isUnreachable } from './migration-errors.js'

export type AdminConnection = mysql.Connection
export type Row = Record<string, unknown>
/** Fills `?` with quoted values. */
export const format = mysql.format

/** An administrator's connection to a database server; several statements a call allowed (our own text only). The caller ends it. */
export async function openAdmin(serverId: number, database?: string): Promise<AdminConnection> {
  return adminConnection(serverId, database === undefined ? {} : { database })
}

/** Rows of one statement. */
export async function rowsOf(connection: AdminConnection, sql: string, values: unknown[] = []): Promise<Row[]> {
  const [rows] = await connection.query(sql, values)
  return rows as Row[]
}

/**
 * Sends our own text and waits until it has run. As `query`, without the stack trace that mysql2's promises keep for each call in case it fails: over thousands of
 * databases that is a tenth of this process's time.
 */
export function send(connection: AdminConnection, sql: string): Promise<void> {
  const { connection: plain } = connection as AdminConnection & { readonly connection: CallbackConnection }
  return new Promise((resolve, reject) => plain.query(sql, (error) => (error ? reject(error) : resolve())))
}

/** Runs `fn` with an administrator's connection and always ends it. */
export async function withAdmin<T>(serverId: number, fn: (connection: AdminConnection) => Promise<T>, database?: string): Promise<T> {
  const connection = await openAdmin(serverId, database)
  try {
    return await fn(connection)
  } finally {
    await connection.end().catch(() => connection.destroy())
  }
}

export const quoteName = (name: string): string => `\`${name.replaceAll('`', '``')}\``
