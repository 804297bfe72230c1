/** Thin connections for administration: creating databases, migrating, auditing. Requests never come here; they go through the broker. */
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
