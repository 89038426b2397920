import { reasonOf, refusalOf } from '@stoa/control-plane-client/refusal.ts';
import type { RefusalWords, ServerReply } from '@stoa/control-plane-client/refusal.ts';
import type { Approval, Deployment, DeploymentDryRun } from '@stoa/generated/schemas.ts';
import { printable } from './terminal.ts';
import { tlsTrouble } from './tls-trouble.ts';
import { CommandError, exitCodes, RefusedInput } from './exit-codes.ts';

/** What to do about it, where the answer itself cannot know. */
const remedies: Readonly<Record<number, string>> = {
  401: 'Sign in: stoactl login, or set STOA_TOKEN.',
  403: 'Ask an administrator for the right, or use another context (stoactl context list).',
};
/** By the code of the problem, where no right would help. */
const remediesOfCodes: Readonly<Record<string, string>> = {
  own_request: 'Have somebody else decide, signed in as himself or with a token that you did not mint.',
  already_deployed:
    'The same command with --update changes what is deployed there. As a manifest: stoactl export deployments, change it, and stoactl apply -f FILE',
  person_needed: 'Sign in as yourself: stoactl login',
  limit_reached: 'What its limits are is told to the platform by: stoactl tenants get NAME',
  tenant_suspended: 'It is resumed by: stoactl tenants resume NAME, in the tenant of the platform. Until then, use another context.',
};

const words: RefusalWords = {
  server: 'the server of the context',
  remedyOf: (status, code) => remediesOfCodes[code] ?? remedies[status],
};

/** Nothing was done yet: it waits for a second person. */
export class AwaitsApproval extends CommandError {
  constructor({ approval_id: id, environments }: Approval) {
    const where = environments.join(', ');
    super('failed', `Nothing was done yet: ${where} demands a second person for it. He approves it with: stoactl approvals approve ${id}`);
  }
}

/** Of what answers a deployment and, where it is only asked about, what would come of it. */
export const deploymentOf = (answer: Deployment | DeploymentDryRun): Deployment => ('deployment' in answer ? answer.deployment : answer);

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
  const { kind, message, faults } = refusalOf(reply, words);
  if (faults.length > 0 && kind === 'failed') throw new RefusedInput(message, faults);
  throw new CommandError(kind, message);
}

function unreachable(error: unknown): string {
  const trouble = tlsTrouble((error as NodeJS.ErrnoException).code);
  return `The server cannot be reached: ${reasonOf(error)}. ${trouble?.remedy ?? 'Is it running, and is the server of the context right?'}`;
}
