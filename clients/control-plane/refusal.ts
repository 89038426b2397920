import { printable } from '@stoa/lib/printable.ts';
import type { PlainResponse } from './plain-client.ts';

/** What the generated client resolves to. */
export type ServerReply<T> = { data?: T; error?: unknown; response: PlainResponse };
export type RefusedAs = 'failed' | 'signedOut' | 'forbidden' | 'notFound' | 'conflict' | 'unreachable';
/** An answer that is not what was asked for, in sentences for a person, a line each. */
export type ServerRefusal = {
  readonly kind: RefusedAs;
  readonly message: string;
  /** What is wrong in what was asked, by its place in the request. */
  readonly faults: readonly { readonly pointer: string; readonly message: string }[];
};
/** What a program adds: how its user told it where the server is, and what he can do about an answer that itself cannot know that. */
export type RefusalWords = { readonly server: string; remedyOf(status: number, code: string): string | undefined };

type ProblemBody = { code?: unknown; detail?: unknown; title?: unknown; errors?: unknown; request_id?: unknown };

const kinds: Readonly<Record<number, RefusedAs>> = {
  401: 'signedOut',
  403: 'forbidden',
  404: 'notFound',
  409: 'conflict',
  410: 'notFound',
  412: 'conflict',
  502: 'unreachable',
  503: 'unreachable',
  504: 'unreachable',
};

/** Says what an answer of a server means that is no success, or no answer of a Control Plane at all. */
export function refusalOf({ error, response }: ServerReply<unknown>, { server, remedyOf }: RefusalWords): ServerRefusal {
  const { status } = response;
  const at = new URL(response.url);
  if (status >= 300 && status < 400)
    return { kind: 'unreachable', message: `${at.origin} answers with a redirection: give the address that it leads to as ${server}.`, faults: [] };
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') === true;
  if (!isProblem && status === 404)
    return { kind: 'unreachable', message: `${at.origin} answers ${at.pathname} as no Control Plane does: check ${server}.`, faults: [] };
  const problem = (typeof error === 'object' && error !== null ? error : {}) as ProblemBody;
  const faults = faultsIn(problem.errors);
  const sentences = [text(problem.detail) ?? text(problem.title) ?? `The server answers with status ${status}.`];
  // A sentence that says of one fault what its line says again, but for the field, is told with the field alone.
  const [first] = faults;
  if (first !== undefined && faults.length === 1 && isSaidBy(sentences[0] ?? '', first.message)) sentences[0] = `${sentences[0]} (${first.pointer})`;
  else sentences.push(...faults.map(({ pointer, message }) => `  ${pointer} ${message}`));
  const remedy = remedyOf(status, String(problem.code));
  if (remedy !== undefined) sentences.push(remedy);
  const requestId = text(problem.request_id);
  if (status >= 500 && requestId !== undefined) sentences.push(`Its log has more, under the request ${requestId}.`);
  return { kind: kinds[status] ?? 'failed', message: sentences.join('\n'), faults };
}

const faultsIn = (errors: unknown): { pointer: string; message: string }[] =>
  Array.isArray(errors)
    ? (errors as { pointer?: unknown; message?: unknown }[]).map(({ pointer, message }) => ({
        pointer: text(pointer) ?? '',
        message: text(message) ?? '',
      }))
    : [];

const lettersOf = (sentence: string): string => sentence.toLowerCase().replace(/[.\s]+$/, '');
const isSaidBy = (sentence: string, message: string): boolean => lettersOf(sentence).endsWith(lettersOf(message));

const text = (value: unknown): string | undefined => (typeof value === 'string' ? printable(value) : undefined);

/** Why no answer came, as the end of a sentence. */
export function reasonOf(error: unknown): string {
  const cause = error as NodeJS.ErrnoException;
  const { code } = cause;
  const first = cause instanceof AggregateError ? (cause.errors[0] as Error | undefined)?.message : undefined;
  const why = first ?? (cause.message || code || 'no answer');
  return code === undefined || why.includes(code) ? why : `${why} (${code})`;
}
