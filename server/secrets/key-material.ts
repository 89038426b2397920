/** The keys of a Control Plane, and what they are used for. */
export type KeyMaterial = {
  /** HMAC-SHA256 under which credentials are stored and looked up. Stays the same for the life of an installation: credentials are known by nothing else. */
  hmac(token: string): Buffer;
  /**
   * Seals a secret for a column of a row, by the data key of its tenant, or of what belongs to no tenant. `place` names column and row. Must not be the
   * first to be sealed for a tenant whose own row is not committed yet.
   */
  seal(plain: string, place: string, tenantId?: string): Promise<Buffer>;
  open(sealed: Uint8Array, place: string, tenantId?: string): Promise<string>;
  /** Opens many of one tenant, without waiting once it is there. It knows the keys that `sealed` were sealed with. */
  opener(tenantId: string, sealed: readonly Uint8Array[]): Promise<Opener>;
  /** For what travels through a browser and is back within the hour: nobody keeps it. */
  readonly transient: { seal(plain: string, about: string): Buffer; open(sealed: Uint8Array, about: string): string };
  readonly signing: ConfigSigners;
  /** The key that configuration is signed with for a runtime whose newest is `known`, or, null, that was last told of keys by a release before they had names. */
  signer(known: string | null): Promise<ConfigSigner>;
};

export type Opener = (sealed: Uint8Array, place: string) => string;

/** The keys that configuration may be signed with, the newest last. Another set has another `id`. */
export type ConfigSigners = { readonly id: string; readonly all: readonly ConfigSigner[]; readonly newest: ConfigSigner };

/** Ed25519; the public key is a SubjectPublicKeyInfo in base64url. */
export type ConfigSigner = { readonly keyId: string; readonly publicKey: string; sign(text: string): string };
