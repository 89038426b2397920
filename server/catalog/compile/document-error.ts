export type DocumentMember = 'document' | 'upstream_url' | 'upstream_auth' | 'name';

/**
 * A document that cannot become an API: answered as 422. The message names what was found and what would be right;
 * it is written for the caller and quotes the caller's own document only.
 */
export class DocumentError extends Error {
  readonly code: string;
  /** The member of the request that is at fault. */
  readonly member: DocumentMember;

  constructor(code: string, message: string, member: DocumentMember = 'document') {
    super(message);
    this.name = 'DocumentError';
    this.code = code;
    this.member = member;
  }
}
