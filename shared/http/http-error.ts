/** "No" in the words of HTTP, for what the edge itself refuses. `message` is fit to show. */
export class HttpError extends Error {
  constructor(readonly status: number, message: string, readonly headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.name = 'HttpError'
  }
}

/** The request is malformed: repeated parameters, bad bytes, a body of the wrong shape. */
export const badRequest = (message = 'We could not read this request.'): HttpError => new HttpError(400, message)
