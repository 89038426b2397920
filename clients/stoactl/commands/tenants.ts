import type { Tenant, TenantLimits, TenantPatch } from '@stoa/generated/schemas.ts';
import { answered, tagged } from '../answered.ts';
import { CommandError } from '../exit-codes.ts';
import { allItems, findOne } from '../find.ts';
import type { Kind } from '../kinds.ts';
import { formatted } from '../output/formats.ts';
import type { Format } from '../output/format-names.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import { linesOf, printable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

export type ShowOptions = GlobalOptions & { output: Format };
export type EditOptions = GlobalOptions & { rename?: string; limit?: string[] };

const standing = ({ platform, suspended }: Tenant): string => (platform ? 'platform' : suspended ? 'suspended' : 'active');
const limitsOf = ({ limits }: Tenant): string =>
  Object.entries(limits)
    .map(([name, most]) => `${name}=${most}`)
    .join(',');

/** For members of the tenant of the platform alone: no kind of those that everybody lists. */
const tenants: Kind = {
  name: 'Tenant',
  plural: 'tenants',
  id: 'tenant_id',
  hasLabels: false,
  nameOf: (item) => (item as Tenant).name,
  list: (client, query) => client.listTenants({ params: { query } }),
  get: (client, tenant_id) => client.getTenant({ params: { path: { tenant_id } } }),
  columns: [
    { title: 'NAME', value: (item) => item['name'] },
    { title: 'STATE', value: (item) => standing(item as Tenant) },
    { title: 'LIMITS', value: (item) => limitsOf(item as Tenant) },
    { title: 'CREATED', value: (item) => item['created_at'] },
    { title: 'ID', value: (item) => item['tenant_id'], wide: true },
  ],
};

export async function listTenants(terminal: Terminal, options: ShowOptions): Promise<void> {
  const { client } = await openSession(terminal, options);
  terminal.out(await formatted(options.output, tenants, await allItems(tenants, client)));
}

export async function getTenant(terminal: Terminal, name: string, options: ShowOptions): Promise<void> {
  const { client } = await openSession(terminal, options);
  terminal.out(await formatted(options.output, tenants, [await findOne(tenants, client, name)], { one: true }));
}

/** Makes a tenant, and tells the link for its first owner, which nobody can read again. */
export async function createTenant(terminal: Terminal, name: string, { limit, output, ...options }: EditOptions & { output: string }): Promise<void> {
  const body = { name, limits: changedLimits({}, limit) };
  const { client } = await openSession(terminal, options);
  const made = await answered(client.createTenant({ body }));
  if (output === 'json') return terminal.out(`${JSON.stringify(made, null, 2)}\n`);
  terminal.out(`tenant/${printable(made.tenant.name)} created\n`);
  const { owner_link: link } = made;
  if (link === undefined) terminal.out('Its people come by groups of the external issuer: name one for its owners in STOA_OIDC_ROLES.\n');
  else terminal.out(`Its first owner joins, once, until ${printable(link.expires_at)}, at\n${printable(link.url)}\n`);
}

export async function linkOwner(terminal: Terminal, name: string, options: GlobalOptions): Promise<void> {
  const { client } = await openSession(terminal, options);
  const { tenant_id } = (await findOne(tenants, client, name)) as Tenant;
  const { url } = await answered(client.createOwnerLink({ params: { path: { tenant_id } } }));
  terminal.out(`${printable(url)}\n`);
}

export async function editTenant(terminal: Terminal, name: string, { rename, limit, ...options }: EditOptions): Promise<void> {
  if (rename === undefined && limit === undefined) throw new CommandError('usage', 'Say what to change: --rename NAME, or --limit LIMIT=COUNT.');
  await change(terminal, name, options, 'edited', ({ limits }) => ({
    ...(rename !== undefined && { name: rename }),
    ...(limit !== undefined && { limits: changedLimits(limits, limit) }),
  }));
}

export const suspend = (terminal: Terminal, name: string, options: GlobalOptions): Promise<void> =>
  change(terminal, name, options, 'suspended', () => ({ suspended: true }));
export const resume = (terminal: Terminal, name: string, options: GlobalOptions): Promise<void> =>
  change(terminal, name, options, 'resumed', () => ({ suspended: false }));

async function change(
  terminal: Terminal,
  name: string,
  options: GlobalOptions,
  done: string,
  patchOf: (tenant: Tenant) => TenantPatch,
): Promise<void> {
  const { client } = await openSession(terminal, options);
  const found = (await findOne(tenants, client, name)) as Tenant;
  const path = { tenant_id: found.tenant_id };
  // Limits are sent as a whole: what somebody else changes meanwhile must not be undone.
  const { body: current, etag } = await tagged(client.getTenant({ params: { path } }));
  const header = etag === undefined ? {} : { 'If-Match': etag };
  const { name: called } = await answered(client.editTenant({ params: { path, header }, body: patchOf(current) }));
  terminal.out(`tenant/${printable(called)} ${done}\n`);
}

/** Deletes a suspended tenant, after a person confirmed it: there is no way back. */
export async function deleteTenant(terminal: Terminal, name: string, { yes, ...options }: GlobalOptions & { yes?: boolean }): Promise<void> {
  const { client } = await openSession(terminal, options);
  const { tenant_id, name: called } = (await findOne(tenants, client, name)) as Tenant;
  if (yes !== true) {
    if (!terminal.isPerson.in) throw new CommandError('usage', 'Deleting a tenant cannot be undone: confirm it with --yes.');
    terminal.err(`All that ${printable(called)} has is deleted for good, but for its audit. Type the name again to go on: `);
    if ((await linesOf(terminal)()).trim() !== called) throw new CommandError('failed', 'Nothing was deleted.');
  }
  await answered(client.deleteTenant({ params: { path: { tenant_id } } }));
  terminal.out(`tenant/${printable(called)} deleted\n`);
}

/** Limits with what `LIMIT=COUNT` says of them; `LIMIT=none` lifts one. Which there are the server knows. */
function changedLimits(before: TenantLimits, given: readonly string[] = []): TenantLimits {
  const changed: Record<string, number> = { ...before };
  for (const text of given) {
    const [, limit = '', count = ''] = /^([a-z_]+)=(\d{1,7}|none)$/.exec(text) ?? [];
    if (limit === '') throw new CommandError('usage', `A limit is LIMIT=COUNT, such as apis=100, or LIMIT=none: "${text}" is none.`);
    if (count === 'none') delete changed[limit];
    else changed[limit] = Number(count);
  }
  return changed;
}
