import { withHandshake } from './revision.ts';
import type { Revision } from './revision.ts';

export const revision: Revision = { name: '2024-11-05', ...withHandshake };
