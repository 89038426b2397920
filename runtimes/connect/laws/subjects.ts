import type { VendorName } from '../vendors/table.ts';
import { gravitee } from './gravitee.ts';
import { kong } from './kong.ts';
import type { LawSubject } from './subject.ts';

/** Where the laws are tried on each vendor. A vendor of the table that is missing here does not compile. */
export const subjects: Readonly<Record<VendorName, LawSubject>> = { kong, gravitee };
