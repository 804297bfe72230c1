/** Thin connections for administration: creating databases, migrating, auditing. Requests never come here; they go through the broker. */
import mysql from 'mysql2/promise'
import { adminConnection } from './servers.js'

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

/** Server error number, whatever the driver calls it; 0 for anything that is not the server's answer. */
export const errnoOf = (error: unknown): number => Number((error as { errno?: unknown } | null)?.errno ?? 0)

/** The server cannot be reached now, or refuses new work for now: trying later may help. */
export function isUnreachable(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: string }
  const lost = ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EHOSTUNREACH', 'PROTOCOL_CONNECTION_LOST', 'PROTOCOL_SEQUENCE_TIMEOUT']
  return lost.includes(code ?? '') || [1040, 1053, 1290, 1317, 1203, 1836].includes(errnoOf(error)) || /closed state/.test(String((error as Error)?.message))
}

export const quoteName = (name: string): string => `\`${name.replaceAll('`', '``')}\``
