import { withHandshake } from './revision.ts';
import type { Revision } from './revision.ts';

export const revision: Revision = { name: '2025-11-25', ...withHandshake, hasPolling: true };
