import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adaptersDocument, capabilityMatrix } from '@stoa/connect/vendors/document.ts';

/** Writes docs/adapters.md, and the Console's matrix, from what the adapters of Connect declare: part of `npm run -s generate`. */
writeFileSync(join(import.meta.dirname, 'adapters.md'), adaptersDocument());
const matrix = join(import.meta.dirname, '../clients/web/src/capabilities/matrix.json');
writeFileSync(matrix, `${JSON.stringify(capabilityMatrix(), null, 2)}\n`);
