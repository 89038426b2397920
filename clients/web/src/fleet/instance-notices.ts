import type { Gateway } from '@stoa/generated/schemas.ts';
import type { Tone } from './config-text.ts';
import { targetNotices } from './target-notices.ts';

export type Notice = { text: string; tone: Tone; link?: { label: string; href: string } };

/** What an operator should know or do about an instance, the worst first. */
export function noticesOf(gateway: Gateway): Notice[] {
  const { gateway_id, liveness, config, observed, unknown_fields: unknownFields } = gateway;
  const notices: Notice[] = [];
  const href = `/gateways/${gateway_id}`;
  if (liveness === 'conflict') {
    notices.push({ tone: 'bad', text: 'Several processes use this name and take the lease from one another. Rename or stop all but one.' });
  }
  if (config.state === 'rejected') {
    notices.push({
      tone: 'bad',
      text: `It refused generation ${config.acked_generation} and keeps serving what it had before.`,
      link: { label: 'Reasons, item by item', href },
    });
  }
  if (config.state === 'partly_rejected') {
    const count = config.rejected_items ?? 0;
    notices.push({
      tone: 'bad',
      text: `${count} ${count === 1 ? 'item' : 'items'} of generation ${config.acked_generation} ${count === 1 ? 'was' : 'were'} rejected and ${count === 1 ? 'is' : 'are'} not in force there.`,
      link: { label: 'Reasons, item by item', href },
    });
  }
  if (config.state === 'in_sync_with_warnings') {
    notices.push({ tone: 'warn', text: 'It applied its configuration with warnings.', link: { label: 'Warnings, item by item', href } });
  }
  notices.push(...targetNotices(gateway));
  const drift = observed?.drift.length ?? 0;
  if (drift > 0) {
    notices.push({
      tone: 'warn',
      text: `${drift} ${drift === 1 ? 'object' : 'objects'} in its gateway ${drift === 1 ? 'differs' : 'differ'} from what was applied.`,
      link: { label: 'Which, how, and what came of it', href },
    });
  }
  const foreign = observed?.apis.filter(({ managed }) => !managed).map(({ name }) => name) ?? [];
  if (foreign.length > 0) {
    const named = foreign.slice(0, 5).join(', ') + (foreign.length > 5 ? ' and more' : '');
    const text = `${foreign.length} ${foreign.length === 1 ? 'API' : 'APIs'} of its gateway ${foreign.length === 1 ? 'is' : 'are'} not governed by STOA: ${named}.`;
    notices.push({ tone: 'quiet', text, link: { label: 'What is there', href } });
  }
  if (unknownFields.length > 0) {
    notices.push({ tone: 'warn', text: `Sends fields this contract does not know: ${unknownFields.join(', ')}. They are ignored.` });
  }
  return notices;
}
