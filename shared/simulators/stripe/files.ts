/** Uploaded files. Their text is kept as it travelled, so that a test can look into it. https://docs.stripe.com/api/files */
import { fieldsOf } from '../multipart.js'
import type { Call } from './call.js'
import { invalid, type ApiObject } from './wire.js'

const MOST = 5_000_000

export function createFile({ account, form }: Call): ApiObject {
  const { purpose, file } = form
  if (purpose !== 'dispute_evidence') throw invalid('Invalid purpose', 'purpose')
  if (typeof file !== 'object') throw invalid('Missing required param: file.', 'file')
  const { name, type, data } = file as Record<string, string>
  if (type !== 'application/pdf' && type !== 'image/png' && type !== 'image/jpeg') throw invalid('This type of file is not taken as evidence.', 'file')
  if ((data ?? '').length > MOST) throw invalid('The file is too large.', 'file')
  return account.add('file', 'file', { purpose, filename: name, size: (data ?? '').length, type: (type ?? '').split('/')[1], title: null, url: null, _data: data })
}

/** `multipart/form-data` as the form that other endpoints read; a file becomes its name, type and bytes. */
export const formOfParts = (body: string, contentType: string): string => new URLSearchParams(fieldsOf(body, contentType).flatMap(({ name, filename, type, value }): Array<[string, string]> =>
  filename === null ? [[name, value]] : [[`${name}[name]`, filename], [`${name}[type]`, type], [`${name}[data]`, value]])).toString()
