import { membersOf, textIn } from '@stoa/lib/json-members.ts';
import { parseExactJson } from '@stoa/lib/exact-json.ts';
import type { ServerAsk } from '../federation/peer.ts';

/** What a server of 2026-07-28 wants of its client before it goes on (MCP "Multi round-trip requests"). */
export type InputRequired = { readonly asks: readonly (readonly [key: string, request: string])[]; readonly requestState: string | undefined };

const maxAsksOfRound = 32;

/** Undefined for a result that is complete. */
export function inputRequiredIn(result: string): InputRequired | undefined {
  const members = membersOf(result);
  if (members?.get('resultType') !== '"input_required"') return undefined;
  const asks = [...(membersOf(members.get('inputRequests') ?? '{}') ?? [])].slice(0, maxAsksOfRound);
  return { asks, requestState: textIn(members, 'requestState') };
}

/** Asks a client of an older revision what such a server wants of it, and answers with the parameters to send again; or with the error of the client that would not. */
export async function answerInputs(
  { asks, requestState }: InputRequired,
  params: Readonly<Record<string, unknown>>,
  onAsk: (ask: ServerAsk) => void,
): Promise<{ readonly params: Readonly<Record<string, unknown>> } | { readonly error: string }> {
  const replies = await Promise.all(
    asks.map(async ([key, request]) => {
      const members = membersOf(request);
      const reply = await new Promise<Parameters<ServerAsk['answer']>[0]>((answer) => {
        onAsk({ method: textIn(members, 'method') ?? '', params: members?.get('params'), answer });
      });
      return { key, reply };
    }),
  );
  const refusal = replies.find(({ reply }) => 'error' in reply)?.reply;
  if (refusal !== undefined && 'error' in refusal) return { error: refusal.error };
  const inputResponses = Object.fromEntries(replies.map(({ key, reply }) => [key, 'result' in reply ? parseExactJson(reply.result).value : {}]));
  return { params: { ...params, inputResponses, ...(requestState !== undefined && { requestState }) } };
}
