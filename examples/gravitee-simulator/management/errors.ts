/** An answer of the Management API that refuses something. Version 2 says `httpStatus`, version 1 `http_status`. */
export class ManagementError extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    super(`${status}`);
    this.name = 'ManagementError';
    this.status = status;
    this.body = body;
  }
}

type Told = { readonly code?: string; readonly parameters?: Readonly<Record<string, string>>; readonly details?: readonly unknown[] };

/** Parameters are left out of the answer where the real one leaves them out. */
export const refused = (httpStatus: number, message: string, { code, parameters, details = [] }: Told = {}): ManagementError =>
  new ManagementError(httpStatus, {
    httpStatus,
    message,
    ...(code !== undefined && { technicalCode: code }),
    ...(parameters !== undefined && { parameters }),
    details,
  });

/** What the bean validation says. The value is noise: it never holds what was sent. */
export const invalid = (location: string, message: string): ManagementError =>
  refused(400, 'Validation error', { parameters: {}, details: [{ message, invalidValue: { present: true }, location }] });

export const notFound = (kind: 'Api' | 'Plan' | 'Subscription' | 'ApiKey', id: string): ManagementError => {
  const name = kind.charAt(0).toLowerCase() + kind.slice(1);
  return refused(404, `${kind} [${id}] cannot be found.`, { code: `${name}.notFound`, parameters: { [name]: id } });
};

export const noSuchPath = (): ManagementError => refused(404, 'HTTP 404 Not Found');
export const noSuchMethod = (): ManagementError => refused(405, 'HTTP 405 Method Not Allowed');
/** What the real one answers without a body. */
export const bare = (status: number): ManagementError => new ManagementError(status, undefined);
