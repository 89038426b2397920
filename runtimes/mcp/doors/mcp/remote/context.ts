import { personOf } from '../../../decide/person.ts';
import type { DoorContext } from '../exchange.ts';
import type { ClientSessions } from './client-sessions.ts';
import type { KeptStreams } from './kept-streams.ts';
import type { HeldCalls } from './held-calls.ts';

/** What all exchanges of one door with MCP servers share. */
export type RemoteContext = DoorContext & {
  /** Of clients of older revisions, what they said when they began. */
  readonly clients: ClientSessions;
  /** Streams that their clients may come back to. */
  readonly kept: KeptStreams;
  /** Where the endpoint is. */
  readonly path: string;
  /** What waits for something that its client is to bring. */
  readonly held: HeldCalls;
};

/** Who may come back to a stream: whoever began it, and where it began, since tokens are good for one address. */
export const keeperOf = ({ path }: Pick<RemoteContext, 'path'>, who: Parameters<typeof personOf>[0]): string => `${path} ${personOf(who)}`;
