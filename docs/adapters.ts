import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adaptersDocument } from '@stoa/connect/vendors/document.ts';

/** Writes docs/adapters.md from what the adapters of Connect declare: part of `npm run -s generate`. */
writeFileSync(join(import.meta.dirname, 'adapters.md'), adaptersDocument());
