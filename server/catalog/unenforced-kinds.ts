import type { PolicySpec } from '@stoa/generated/schemas.ts';

/** Kinds that the contract knows and no runtime enforces. They can be defined, and not attached. */
const unenforced: ReadonlySet<PolicySpec['kind']> = new Set(['jwt_auth']);

export const isUnenforced = (kind: PolicySpec['kind']): boolean => unenforced.has(kind);
