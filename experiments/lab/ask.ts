export type Answer<T = Record<string, unknown>> = { status: number; headers: Headers; body: T; bytes: number; ms: number };
export type Ask = <T = Record<string, unknown>>(method: string, path: string, body?: unknown, token?: string) => Promise<Answer<T>>;

const longestMs = 60_000;

/** Asks a Control Plane, as an operator unless another token is given. */
export function asker(url: string, adminToken: string): Ask {
  return async <T>(method: string, path: string, body?: unknown, token = adminToken): Promise<Answer<T>> => {
    const since = performance.now();
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(longestMs),
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : undefined) as T,
      bytes: text.length,
      ms: performance.now() - since,
    };
  };
}

/** What was asked for must have been done. */
export async function done<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(`answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** The status of a probe; 0 when nothing answers. */
export async function statusOf(url: string, withinMs = 5_000): Promise<number> {
  return fetch(url, { signal: AbortSignal.timeout(withinMs) }).then(
    async (response) => {
      await response.arrayBuffer();
      return response.status;
    },
    () => 0,
  );
}
