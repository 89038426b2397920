/** What an upstream wants to be shown cannot be had; the message is a sentence for the caller: it names no address and holds no secret. */
export class ProofFailure extends Error {}
