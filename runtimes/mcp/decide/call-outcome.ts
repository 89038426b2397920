import type { ProblemError } from '@stoa/generated/schemas.ts';
import type { HeldBack } from '../upstream/protection/protector.ts';
import type { Unapproved } from './approvals.ts';
import type { MediaContent } from './result/content.ts';

/** What became of a tool call. */
export type CallOutcome =
  /**
   * The upstream answered with `status`. `text` is the body as the upstream sent it, or a sentence with the body under it when `isError`; what is
   * no text is in `media`. `structured` is the JSON text of the object that the tool's output schema promises; a tool without one has none.
   */
  | {
      readonly kind: 'result';
      readonly isError: boolean;
      readonly text: string;
      readonly media?: MediaContent;
      readonly structured?: string;
      readonly status: number;
    }
  /** What an MCP server answered, as the client's revision has it: the text of a result, or of an error object. */
  | { readonly kind: 'passed'; readonly result?: string; readonly error?: string; readonly isError: boolean }
  /** No such tool, or none that this caller may use. */
  | { readonly kind: 'unknown_tool' }
  | InvalidArguments
  | { readonly kind: 'cancelled' }
  /** The call was made, and a policy keeps its answer; `reason` is a sentence without its end. */
  | { readonly kind: 'answer_withheld'; readonly reason: string }
  /** No complete answer of the upstream; `reason` is a sentence for the caller. */
  | { readonly kind: 'upstream_failed'; readonly reason: string; readonly timeout: boolean }
  | Unapproved
  | Refusal;

export type InvalidArguments = { readonly kind: 'invalid_arguments'; readonly errors: readonly ProblemError[] };

/** What a policy refuses to a caller who may otherwise make the call. */
export type Refusal =
  /** The token lacks these, and would do with them. */
  | {
      readonly kind: 'scopes_missing';
      readonly scopes: readonly string[] /** Bound to a key: a client that asks for another comes by DPoP again. */;
      readonly isBound?: boolean;
    }
  /** Not from there. */
  | { readonly kind: 'address_refused' }
  /** Not at this time, by the policy of this name. */
  | { readonly kind: 'time_refused'; readonly policy: string }
  /** Not this call: a policy looks at its arguments, its token, its time or its address. That of the name is the first that said so. */
  | { readonly kind: 'not_permitted'; readonly policy?: string }
  /** What replicas count together cannot be asked, and the policy lets nothing through then. */
  | { readonly kind: 'uncounted'; readonly policy: string }
  /** A policy has it wait for a person, who is asked only where it is made as a tool. */
  | { readonly kind: 'approval_needed'; readonly policy: string }
  /** A policy refuses what is in the request, or cannot look into it; `reason` is a sentence without its end. */
  | { readonly kind: 'content_refused'; readonly reason: string }
  | { readonly kind: 'rate_limited'; readonly retryAfterS: number; readonly policy: string }
  /** The upstream fails, or has enough to do. */
  | HeldBack
  | { readonly kind: 'too_large'; readonly maxBytes: number };
