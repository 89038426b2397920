import type { PlainResponse } from '@stoa/control-plane-client/plain-client.ts';
import type { Approval } from '@stoa/generated/schemas.ts';
import { printable } from './terminal.ts';
import { tlsTrouble } from './tls-trouble.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import type { Ending } from './exit-codes.ts';

/** What the generated client resolves to. */
export type ServerReply<T> = { data?: T; error?: unknown; response: PlainResponse };
type ProblemBody = { code?: unknown; detail?: unknown; title?: unknown; errors?: unknown; request_id?: unknown };

const endings: Readonly<Record<number, Ending>> = {
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
/** What to do about it, where the answer itself cannot know. */
const remedies: Readonly<Record<number, string>> = {
  401: 'Sign in: stoactl login, or set STOA_TOKEN.',
  403: 'Ask an administrator for the right, or use another context (stoactl context list).',
};
/** By the code of the problem, where no right would help. */
const remediesOfCodes: Readonly<Record<string, string>> = {
  own_request: 'Have somebody else decide, signed in as himself or with a token that you did not mint.',
  limit_reached: 'What its limits are is told to the platform by: stoactl tenants get NAME',
  tenant_suspended: 'It is resumed by: stoactl tenants resume NAME, in the tenant of the platform. Until then, use another context.',
};

/** Nothing was done yet: it waits for a second person. */
export class AwaitsApproval extends CommandError {
  constructor({ approval_id: id, environments }: Approval) {
    const where = environments.join(', ');
    super('failed', `Nothing was done yet: ${where} demands a second person for it. He approves it with: stoactl approvals approve ${id}`);
  }
}

type Done<T> = Exclude<T, Approval>;

/** The body of a successful answer. Throws a `CommandError` with the exit code that belongs to any other, and to none. */
export async function answered<T>(call: Promise<ServerReply<T>>): Promise<Done<T>> {
  const { data, response } = await replied(call);
  if (response.status === 202) throw new AwaitsApproval(data as Approval);
  return data as Done<T>;
}

/** The same of something that a person named: where it is not there he is told what. */
export async function answeredOn<T>(what: string, call: Promise<ServerReply<T>>): Promise<Done<T>> {
  try {
    return await answered(call);
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === exitCodes.notFound)
      throw new CommandError('notFound', `There is no ${printable(what)}.`, { cause: error });
    throw error;
  }
}

/** The body of an answer that tells of approvals. */
export const answeredOf = async <T>(call: Promise<ServerReply<T>>): Promise<T> => (await replied(call)).data as T;

/** As `answered`, with the entity tag of the answer. */
export async function tagged<T>(call: Promise<ServerReply<T>>): Promise<{ body: T; etag: string | undefined }> {
  const { data, response } = await replied(call);
  return { body: data as T, etag: response.headers.get('etag') ?? undefined };
}

async function replied<T>(call: Promise<ServerReply<T>>): Promise<ServerReply<T>> {
  let reply: ServerReply<T>;
  try {
    reply = await call;
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (error instanceof SyntaxError)
      throw new CommandError(
        'unreachable',
        'The server answers something that is not JSON, as a Control Plane does not: check the server of the context.',
      );
    throw new CommandError('unreachable', unreachable(error), { cause: error });
  }
  if (reply.response.ok) return reply;
  throw failure(reply);
}

function failure({ error, response }: ServerReply<unknown>): CommandError {
  const { status } = response;
  const at = new URL(response.url);
  if (status >= 300 && status < 400)
    return new CommandError(
      'unreachable',
      `${at.origin} answers with a redirection: give the address that it leads to as the server of the context.`,
    );
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') === true;
  if (!isProblem && status === 404)
    return new CommandError('unreachable', `${at.origin} answers ${at.pathname} as no Control Plane does: check the server of the context.`);
  const problem = (typeof error === 'object' && error !== null ? error : {}) as ProblemBody;
  const sentences = [text(problem.detail) ?? text(problem.title) ?? `The server answers with status ${status}.`];
  if (Array.isArray(problem.errors))
    for (const fault of problem.errors as { pointer?: unknown; message?: unknown }[])
      sentences.push(`  ${text(fault.pointer) ?? ''} ${text(fault.message) ?? ''}`);
  const remedy = remediesOfCodes[String(problem.code)] ?? remedies[status];
  if (remedy !== undefined) sentences.push(remedy);
  const requestId = text(problem.request_id);
  if (status >= 500 && requestId !== undefined) sentences.push(`Its log has more, under the request ${requestId}.`);
  return new CommandError(endings[status] ?? 'failed', sentences.join('\n'));
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? printable(value) : undefined);

function unreachable(error: unknown): string {
  const cause = error as Error;
  const code = (cause as NodeJS.ErrnoException).code;
  const first = cause instanceof AggregateError ? (cause.errors[0] as Error | undefined)?.message : undefined;
  const why = first ?? (cause.message || code || 'no answer');
  const said = code === undefined || why.includes(code) ? why : `${why} (${code})`;
  const trouble = tlsTrouble(code);
  return `The server cannot be reached: ${said}. ${trouble?.remedy ?? 'Is it running, and is the server of the context right?'}`;
}
