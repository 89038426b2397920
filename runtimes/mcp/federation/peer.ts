import type { McpEra, OperationEntry } from '../model.ts';
import type { ProofOf } from '../upstream/proofs/prover.ts';
import type { Cancellation } from '../upstream/cancellation.ts';

/** Parts of a JSON-RPC message, each as it was written. */
export type Members = ReadonlyMap<string, string>;

/** What became of a request to an MCP server. Texts are as the server wrote them. */
export type McpAnswer =
  | { readonly kind: 'result'; readonly text: string }
  /** `text` is the whole error object. */
  | { readonly kind: 'error'; readonly text: string }
  | { readonly kind: 'cancelled' }
  /** It would not serve us: `words` are its own. */
  | { readonly kind: 'refused'; readonly status: number; readonly words: string }
  /** The session that the request was sent in is not known there any more. */
  | { readonly kind: 'forgotten' }
  /** No complete answer; `reason` is a sentence for the caller. */
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly timeout: boolean;
      readonly cause: Error /** Nobody was reached. */;
      readonly isAway?: boolean;
    };

/** A request of the server's own, in the course of one of ours. */
export type ServerAsk = {
  readonly method: string;
  /** As text; undefined without any. */
  readonly params: string | undefined;
  /** Answers with the text of a result, or of an error. To be called once. */
  answer(reply: { readonly result: string } | { readonly error: string }): void;
};

/** Who calls what, as a server is shown it. */
export type ShownCaller = ProofOf & { readonly operation: OperationEntry };

export type PeerRequest = {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** What the request is about, where headers are to name it. */
  readonly name?: string | undefined;
  /** More headers, names and values alternating. */
  readonly headers?: readonly string[] | undefined;
  /** Whose request it is; undefined for one of our own. */
  readonly person?: string | undefined;
  /** Who is shown to make it, where a server is shown that. */
  readonly by?: ShownCaller | undefined;
  /** Longest wait for the answer, or for the next progress of it. */
  readonly timeoutMs: number;
  readonly cancellation?: Cancellation | undefined;
  /** Told of notifications that come in the course of it. Must not throw. */
  readonly onNotification?: ((method: string, params: string | undefined) => void) | undefined;
  /** Told of requests of the server that come in the course of it; without it they are refused. */
  readonly onAsk?: ((ask: ServerAsk) => void) | undefined;
  /** Told when the server closed the stream of the answer to be come back to, which is done. Must not throw. */
  readonly onPoll?: (() => void) | undefined;
  /** Called once; must not throw. */
  settle(answer: McpAnswer): void;
};

export type PeerEvents = {
  /** Told of notifications that belong to no request. */
  onNotification(method: string, params: string | undefined): void;
  /** The other end is gone: nothing more comes. */
  onLost(reason: string): void;
  /** The server can say something by itself now, or never will. */
  onOpen?(): void;
};

/** The other end of a connection to an MCP server. */
export type McpPeer = {
  readonly era: McpEra;
  request(request: PeerRequest): void;
  notify(method: string, params: Readonly<Record<string, unknown>>): void;
  /** Begins to listen for what the server says by itself, in the place of an earlier listening. */
  listen(events: PeerEvents, asked: { readonly resources: readonly string[] }): void;
  /** Resolves once nothing of it is left. */
  close(): void | Promise<void>;
};

/** The same as a promise, for what no caller waits for. */
export const ask = (peer: Pick<McpPeer, 'request'>, request: Omit<PeerRequest, 'settle'>): Promise<McpAnswer> =>
  new Promise((resolve) => peer.request({ ...request, settle: resolve }));
