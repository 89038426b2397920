/** A replica that was not heard of for so long, in milliseconds, is not counted with any more. */
export const livenessMs = 15_000;

/** What a replica says of one window of a limit, and asks for. Times in milliseconds. */
export type LeaseQuestion = {
  /** The window's name among all windows. */
  readonly name: string;
  readonly limit: number;
  /** Calls that are wanted ahead. */
  readonly want: number;
  /** Calls that wait for this answer. */
  readonly waiting: number;
  readonly replicas: number;
  /** What this replica has taken of the window before, and when that ends by the store's clock; 0 where the store has not said. */
  readonly claim: number;
  readonly claimedEnd: number;
  /** Until the window ends by this replica's own clock. */
  readonly claimedMs: number;
  /** How long a window is that begins with its first call, or else which calendar period. */
  readonly window: { readonly lengthMs: number } | { readonly startsMs: number; readonly endsMs: number };
};

export type LeaseAnswer =
  | {
      readonly kind: 'counted';
      /** What this replica has taken of the window, with what is granted now. */
      readonly mine: number;
      /** What all have. */
      readonly total: number;
      readonly end: number;
      readonly leftMs: number;
      /** Whether what the replica said that it has taken is of this window. */
      readonly claimCounts: boolean;
      readonly nowMs: number;
    }
  /** The store's clock is in another period, or it has heard a later question. */
  | { readonly kind: 'elsewhen'; readonly nowMs: number };

export type ReplicaStanding = { readonly replicas: number; readonly rank: number; readonly nowMs: number };

/** Remembers which proofs were used, for all replicas together. */
export type ProofStore = {
  /**
   * Whether a proof is `claimant`'s, who is the first to ask for it within the milliseconds that were given then. Asked again, it answers a claimant the same, so that
   * an answer that was lost makes nobody's proof a used one.
   */
  claimProof(proof: string, claimant: string, forMs: number): Promise<boolean>;
};

/** Counts what replicas have taken of limits together. Whatever it rejects with, the next question is asked over a new connection. */
export type LeaseStore = {
  lease(question: LeaseQuestion): Promise<LeaseAnswer>;
  /** Says that this replica is there, or that it goes. */
  beat(isLeaving?: boolean): Promise<ReplicaStanding>;
  /** Called after each change of the connection, with which the store may be another one that knows less. */
  onChange(listener: () => void): void;
  close(): void;
};
