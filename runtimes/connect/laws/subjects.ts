import type { VendorName } from '../vendors/table.ts';
import { caddy, realCaddies } from './caddy.ts';
import { envoy, realEnvoys } from './envoy.ts';
import { gravitee } from './gravitee.ts';
import { kong, kongWithoutDatabase } from './kong.ts';
import { nginx, realNginxes } from './nginx.ts';
import type { LawSubject, RealSubject } from './subject.ts';
import { webmethods } from './webmethods.ts';

/** Where the laws are tried on each vendor. A vendor of the table that is missing here does not compile. */
export const subjects: Readonly<Record<VendorName, LawSubject>> = { kong, gravitee, webmethods, caddy, nginx, envoy };

/** A vendor that takes changes in another way as well: of the cases a share. */
export const furtherSubjects: Readonly<Partial<Record<VendorName, readonly (LawSubject & { readonly share: number })[]>>> = {
  kong: [{ ...kongWithoutDatabase, share: 0.4 }],
};

/** And those that run on this machine: in CI all of them. */
export const realGateways: Readonly<Partial<Record<VendorName, readonly RealSubject[]>>> = {
  caddy: realCaddies,
  nginx: realNginxes,
  envoy: realEnvoys,
};
