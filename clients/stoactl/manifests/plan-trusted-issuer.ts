import type { TrustedIssuerRequest } from '@stoa/generated/schemas.ts';
import { answered, tagged } from '../answered.ts';
import { differences } from './differences.ts';
import { toManifest } from './export-manifest.ts';
import { idOf } from './manifest.ts';
import type { Sourced, TrustedIssuerManifest } from './manifest.ts';
import type { PlanContext } from './plan-kinds.ts';
import { secretOf } from './resolve.ts';
import { noted, unlessChanged } from './step.ts';
import type { Step } from './step.ts';

/** Asks the server by a dry run whether it takes the rules, and whether a secret is another than the one that it keeps. */
export async function planTrustedIssuer(
  { client, terminal, platform }: PlanContext,
  sourced: Sourced & { manifest: TrustedIssuerManifest },
): Promise<Step> {
  const { manifest } = sourced;
  const id = idOf(manifest);
  const { name } = manifest.metadata;
  const trusted_issuer_id = platform.idOf('TrustedIssuer', name);
  const body = await requestOf(terminal, sourced);
  const query = { dry_run: true };
  if (trusted_issuer_id === undefined) {
    await answered(client.createTrustedIssuer({ params: { query }, body }));
    const perform = async () => {
      const made = await answered(client.createTrustedIssuer({ body }));
      platform.made('TrustedIssuer', name, made.trusted_issuer_id);
      return noted(id, made);
    };
    return { action: 'create', id, changes: [], perform };
  }
  const path = { trusted_issuer_id };
  const read = () => tagged(client.getTrustedIssuer({ params: { path } }));
  const { body: present, etag } = await read();
  const before = toManifest('TrustedIssuer', present, platform);
  const changes = differences(before, manifest);
  const next = await answered(client.updateTrustedIssuer({ params: { path, query }, body }));
  if (changes.length === 0 && next.updated_at !== present.updated_at)
    changes.push({ field: 'spec.introspection.client_secret', from: 'a secret', to: 'another one' });
  if (changes.length === 0) return { action: 'unchanged', id, changes };
  const header = etag === undefined ? {} : { 'If-Match': etag };
  const now = async () => toManifest('TrustedIssuer', (await read()).body, platform);
  const perform = async () =>
    noted(id, await unlessChanged(before, now, () => answered(client.updateTrustedIssuer({ params: { path, header }, body }))));
  return { action: 'update', id, changes, perform };
}

/** A secret that is named is the server's, and is not sent. */
async function requestOf(
  terminal: PlanContext['terminal'],
  { manifest, folder }: Sourced & { manifest: TrustedIssuerManifest },
): Promise<TrustedIssuerRequest> {
  const { rules, introspection } = manifest.spec;
  const common = { name: manifest.metadata.name, rules };
  if (introspection === undefined) return common;
  const { client_secret: source, ...asked } = introspection;
  const isKept = source.valueFrom.name !== undefined;
  return { ...common, introspection: { ...asked, ...(!isKept && { client_secret: await secretOf(terminal, folder, source.valueFrom) }) } };
}
