import type { Writer } from '../../engine/model.ts';
import type { CaddyAdmin, CaddyWrite } from './admin.ts';

/** Every plan is one write, and every write one request. */
export const caddyWriter = (admin: CaddyAdmin): Writer<CaddyWrite> => ({ write: ({ payload }) => admin.write(payload) });
