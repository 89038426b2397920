import type { ConfigSync } from '@stoa/generated/schemas.ts';

export type Tone = 'good' | 'warn' | 'bad' | 'quiet';
export type ConfigText = { label: string; detail: string | undefined; tone: Tone };

/** Whether an instance runs what it shall run, in words. */
export function configText({ state, desired_generation: desired, acked_generation: acked, rejected_items: rejected = 0 }: ConfigSync): ConfigText {
  switch (state) {
    case 'none':
      return { label: 'Nothing deployed', detail: undefined, tone: 'quiet' };
    case 'pending':
      return { label: 'Pending', detail: `generation ${acked} of ${desired}`, tone: 'warn' };
    case 'in_sync':
      return { label: 'In sync', detail: `generation ${acked}`, tone: 'good' };
    case 'in_sync_with_warnings':
      return { label: 'In sync, with warnings', detail: `generation ${acked}`, tone: 'warn' };
    case 'partly_rejected':
      return { label: 'Partly rejected', detail: `${rejected} ${rejected === 1 ? 'item' : 'items'} of generation ${acked}`, tone: 'bad' };
    case 'rejected':
      return { label: 'Rejected', detail: `generation ${acked} of ${desired}`, tone: 'bad' };
    default:
      return { label: String(state satisfies never), detail: undefined, tone: 'quiet' };
  }
}
