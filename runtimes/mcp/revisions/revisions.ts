import type { IncomingHttpHeaders } from 'node:http';
import type { McpEra } from '../model.ts';
import { revision as r20241007 } from './2024-10-07.ts';
import { revision as r20241105 } from './2024-11-05.ts';
import { revision as r20250326 } from './2025-03-26.ts';
import { revision as r20250618 } from './2025-06-18.ts';
import { revision as r20251125 } from './2025-11-25.ts';
import { revision as r20260728 } from './2026-07-28.ts';
import type { Revision } from './revision.ts';

/** All that are spoken, the newest first. */
export const revisions: readonly Revision[] = [r20260728, r20251125, r20250618, r20250326, r20241105, r20241007];
export const revisionNames: readonly string[] = revisions.map(({ name }) => name);
const byName: ReadonlyMap<unknown, Revision> = new Map(revisions.map((revision) => [revision.name, revision]));

/** Undefined for what is no revision that is spoken. */
export const revisionNamed = (name: unknown): Revision | undefined => byName.get(name);
const newestOf = (wanted: McpEra): Revision => revisions.find(({ era }) => era === wanted) as Revision;
/** The newest of each era: what a server is offered, and what holds where only the era is known. */
export const newest: Readonly<Record<McpEra, Revision>> = { modern: newestOf('modern'), legacy: newestOf('legacy') };

/** What a request without the header speaks (2025-06-18, "Protocol version header"). */
const assumed = r20250326;

/** The revision that a request says by its header; that of the handshake's answer for what nobody speaks. */
export const revisionSaidIn = (headers: IncomingHttpHeaders): Revision => {
  const said = headers['mcp-protocol-version'];
  return said === undefined ? assumed : (revisionNamed(said) ?? newest.legacy);
};
