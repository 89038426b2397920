import { elementsOf, membersOf, textIn } from '@stoa/lib/json-members.ts';
import { ask } from './peer.ts';
import type { McpAnswer, Members, McpPeer, ShownCaller } from './peer.ts';
import type { McpEra } from '../model.ts';
import { newest, revisionNamed } from '../revisions/revisions.ts';
import { wordsOf } from './http-peer.ts';

/** What we are to a server. */
export type ClientSelf = { readonly name: string; readonly title: string; readonly version: string };

/** What a server said of itself. */
export type Hello = {
  readonly peer: McpPeer;
  readonly era: McpEra;
  readonly protocolVersion: string;
  readonly capabilities: Members;
  readonly instructions: string | undefined;
  readonly serverInfo: string | undefined;
};

/** No connection came of it. */
export class NoConnection extends Error {
  /** `refused` means that it answered and would not serve us. */
  readonly state: 'unreachable' | 'refused';

  constructor(state: 'unreachable' | 'refused', message: string) {
    super(message);
    this.state = state;
  }
}

/** `isOfOneClient`: whether nobody else will ever use it. */
export type PeerMaker = (
  era: McpEra,
  revision: string | undefined,
  isOfOneClient?: boolean,
  by?: ShownCaller,
) => McpPeer & { agreed?(revision: string): void };

/** How long each step of getting to know a server may take. */
const stepTimeoutMs = 15_000;
const clientMeta = 'io.modelcontextprotocol/';

/** The envelope of 2026-07-28 for requests of our own. */
export const envelopeOf = (self: ClientSelf, capabilities: object = {}): Record<string, unknown> => ({
  [`${clientMeta}protocolVersion`]: newest.modern.name,
  [`${clientMeta}clientInfo`]: self,
  [`${clientMeta}clientCapabilities`]: capabilities,
});

/** Finds out which era a server speaks: the newest first, by `server/discover`, and then `initialize`. @throws NoConnection */
export async function negotiate(make: PeerMaker, self: ClientSelf): Promise<Hello> {
  const modern = make('modern', newest.modern.name);
  const discovered = await ask(modern, { method: 'server/discover', params: { _meta: envelopeOf(self) }, timeoutMs: stepTimeoutMs });
  const hello = discovered.kind === 'result' ? helloOf(modern, discovered.text) : undefined;
  if (hello !== undefined) return hello;
  await modern.close();
  if (discovered.kind === 'failed' && !discovered.timeout) throw new NoConnection('unreachable', discovered.reason);
  if (discovered.kind === 'refused' && [401, 403].includes(discovered.status)) throw refusedWith(discovered);
  return initialize(make, self, {});
}

/** Begins a session of an older revision. @throws NoConnection */
export async function initialize(make: PeerMaker, self: ClientSelf, capabilities: object): Promise<Hello> {
  const peer = make('legacy', undefined);
  const params = { protocolVersion: newest.legacy.name, capabilities, clientInfo: self };
  const answer = await ask(peer, { method: 'initialize', params, timeoutMs: stepTimeoutMs });
  if (answer.kind !== 'result') {
    await peer.close();
    throw refusedWith(answer);
  }
  const members = membersOf(answer.text);
  const revision = textIn(members, 'protocolVersion');
  if (revision === undefined || revisionNamed(revision)?.era !== 'legacy') {
    await peer.close();
    throw new NoConnection('refused', `It speaks the revision ${String(revision).slice(0, 32)} of MCP, which this runtime does not.`);
  }
  peer.agreed?.(revision);
  peer.notify('notifications/initialized', {});
  return { peer, era: 'legacy', protocolVersion: revision, ...selfIn(members), serverInfo: members?.get('serverInfo') };
}

function helloOf(peer: McpPeer, text: string): Hello | undefined {
  const members = membersOf(text);
  const versions = elementsOf(members?.get('supportedVersions') ?? '') ?? [];
  if (!versions.includes(JSON.stringify(newest.modern.name))) return undefined;
  const serverInfo = members?.get('serverInfo') ?? membersOf(members?.get('_meta') ?? '')?.get(`${clientMeta}serverInfo`);
  return { peer, era: 'modern', protocolVersion: newest.modern.name, ...selfIn(members), serverInfo };
}

/** More is no instruction, and would be sent to every client. */
const maxInstructionsChars = 65_536;

function selfIn(members: Members | undefined): Pick<Hello, 'capabilities' | 'instructions'> {
  const instructions = textIn(members, 'instructions')?.slice(0, maxInstructionsChars).toWellFormed();
  return { capabilities: membersOf(members?.get('capabilities') ?? '{}') ?? new Map(), instructions };
}

function refusedWith(answer: Exclude<McpAnswer, { kind: 'result' }>): NoConnection {
  switch (answer.kind) {
    case 'failed':
      return new NoConnection('unreachable', answer.reason);
    case 'refused':
      return new NoConnection('refused', `It answered HTTP ${answer.status}${answer.words === '' ? '.' : `: ${answer.words}`}`);
    case 'error':
      return new NoConnection('refused', `It answered with an error: ${wordsOf(`{"error":${answer.text}}`)}`);
    default:
      return new NoConnection('unreachable', 'It did not begin a session.');
  }
}
