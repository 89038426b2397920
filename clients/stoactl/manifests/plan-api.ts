import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import type { Api, ApiRequest } from '@stoa/generated/schemas.ts';
import { parse } from 'yaml';
import { answered, tagged } from '../answered.ts';
import { differences } from './differences.ts';
import { toManifest } from './export-manifest.ts';
import { idOf } from './manifest.ts';
import type { ApiManifest, Sourced } from './manifest.ts';
import type { PlanContext } from './plan-kinds.ts';
import { credentialsOf, documentOf } from './resolve.ts';
import { noted, unlessChanged } from './step.ts';
import type { Step } from './step.ts';

/** Asks the server by a dry run what would come of it: it alone knows what a document comes to, and whether a secret is another. */
export async function planApi(context: PlanContext, sourced: Sourced & { manifest: ApiManifest }): Promise<Step> {
  const { client, terminal, platform, teams } = context;
  const { manifest } = sourced;
  const { name, labels = {} } = manifest.metadata;
  const id = idOf(manifest);
  const api_id = platform.idOf('Api', name);
  const read = () => tagged(client.getApi({ params: { path: { api_id: api_id ?? '' } } }));
  const present = api_id === undefined ? undefined : await read();
  const document = await documentOf(sourced);
  const { upstream_auth, missing } = await credentialsOf(
    terminal,
    sourced.folder,
    manifest.spec.upstream_auth,
    present?.body.upstream_auth_places ?? [],
  );
  const notes = missing.map((secret) => `${id}: the server has no secret ${secret}: it is applied without it; give it with valueFrom env or file.`);
  const { upstream_url, open_to_all_consumers = false, operations, team, lifecycle } = manifest.spec;
  // An empty filter takes one away. Where there is none it would be another state, and a revision that changes nothing.
  const filter = operations ?? (present?.body.operations_filter === undefined ? undefined : {});
  const body: ApiRequest & { name: string } = {
    name,
    document,
    open_to_all_consumers,
    labels,
    // Who says nothing of a team says that there is none.
    ...(team !== undefined ? { team } : present !== undefined && { team: null }),
    ...(filter !== undefined && { operations: filter }),
    ...(lifecycle !== undefined ? { lifecycle } : present?.body.lifecycle !== undefined && { lifecycle: null }),
    ...(upstream_url !== undefined && { upstream_url }),
    ...(upstream_auth !== undefined && { upstream_auth }),
  };
  // A team that is made just before is not there yet.
  const { team: _team, ...unowned } = body;
  const rehearsed = team !== undefined && teams.has(team) ? unowned : body;
  if (present === undefined || api_id === undefined) {
    await answered(client.createApi({ params: { query: { dry_run: true } }, body: rehearsed }));
    const perform = async () => {
      const made = await answered(client.createApi({ body }));
      platform.made('Api', name, made.api_id);
      return noted(id, made);
    };
    return { action: 'create', id, changes: [], notes, perform };
  }
  const header = present.etag === undefined ? {} : { 'If-Match': present.etag };
  const params = { path: { api_id }, header };
  const next = await answered(client.updateApi({ params: { ...params, query: { dry_run: true } }, body: rehearsed }));
  const before = toManifest('Api', present.body, platform);
  const changes = differences(before, manifest);
  if (next.revision !== present.body.revision && changes.length === 0) changes.push(whatElse(present.body, document));
  if (changes.length === 0) return { action: 'unchanged', id, changes, notes };
  const now = async () => toManifest('Api', (await read()).body, platform);
  const perform = async () => noted(id, await unlessChanged(before, now, () => answered(client.updateApi({ params, body }))));
  return { action: 'update', id, changes, notes, perform };
}

/** What differs when no other member does. Of both it is said that they do, never how: one is long, the other secret. */
function whatElse({ document: present }: Api, wanted: ApiRequest['document']) {
  const parsed: unknown = typeof wanted === 'string' ? parse(wanted) : wanted;
  const isDocument = canonicalJson(parsed ?? null) !== canonicalJson(present ?? null);
  return { field: isDocument ? 'spec.document' : 'spec.upstream_auth', from: 'one', to: 'another' };
}
