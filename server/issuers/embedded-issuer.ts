import type { ServerContext } from '../context.ts';
import { issuerOf } from '../identity/paths.ts';

/** The issuer of this Control Plane, whose tokens each say of which tenant they are; undefined where an external one stands in its place. */
export const embeddedIssuer = ({ external, publicUrl }: Pick<ServerContext, 'external' | 'publicUrl'>): string | undefined =>
  external === undefined ? issuerOf(publicUrl()) : undefined;
