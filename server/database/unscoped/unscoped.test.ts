import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const server = join(import.meta.dirname, '../..');

/** Whatever runs statements by the role that sees the rows of every tenant, and why it can be of no one tenant. What that role may do stands in grants.ts. */
const unscoped: Readonly<Record<string, string>> = {
  'access/authenticator.ts': 'notes when a credential was used, of whichever tenant',
  'access/expiry-notices.ts': 'finds the tenants whose keys end soon without anybody asking',
  'access/find-principal.ts': 'a credential says of which tenant it is',
  'access/administrator.ts': 'the first token is made before anybody asks',
  'access/revocations.ts': 'tells every replica',
  'access/tenant-standings.ts': 'whether the tenant of a credential is suspended is asked before anything else',
  'access/spend-link.ts': 'a code says of which tenant it is',
  'audit/audit-keys.ts': "the Control Plane's own",
  'audit/deliver.ts': 'sinks are told of all tenants',
  'audit/keeper.ts': 'looks after the records of each tenant without anybody asking',
  'audit/of-person.ts': 'what a person does is recorded in each tenant that the person belongs to',
  'audit/retention.ts': 'forgets what is too old, whose ever it was',
  'database/unscoped/admit-registration.ts': 'a runtime speaks, and must not wait for three more round trips',
  'database/unscoped/belongs-elsewhere.ts': 'the tenants of a person are no one tenant',
  'database/unscoped/forget-users.ts': 'a person belongs to no one tenant',
  'database/unscoped/document-uploads.ts': 'megabytes that no transaction of a tenant shall wait for; the row names its tenant',
  'deployments/ack-writer.ts': 'a batch of many gateways',
  'deployments/dry-runs.ts': 'a runtime speaks, and must not wait for three more round trips',
  'deployments/load-catalog.ts': 'follows the catalog of each tenant without anybody asking',
  'deployments/state-rows.ts': 'writes the states of each tenant without anybody asking',
  'fleet/contract-fields.ts': 'a batch of many gateways',
  'fleet/drift.ts': 'a runtime speaks, and must not wait for three more round trips',
  'fleet/fleet-events.ts': 'one reading for all who follow',
  'fleet/heartbeat-writer.ts': 'a batch of many gateways',
  'fleet/holders.ts': 'a batch of many gateways',
  'fleet/housekeeping.ts': 'deletes what has expired, whose ever it was',
  'fleet/observed.ts': 'a runtime speaks, and must not wait for three more round trips',
  'fleet/presence.ts': 'sweeps all tenants at once',
  'fleet/register-instance.ts': 'a runtime speaks, and must not wait for three more round trips',
  'fleet/register.ts': 'a batch of many gateways',
  'fleet/renew-leases.ts': 'a batch of many gateways',
  'fleet/sweeper.ts': 'sweeps all tenants at once',
  'identity/console-sign-in.ts': 'a person who signs in is of no tenant yet',
  'identity/external/ask-again.ts': 'the issuer is of no tenant',
  'identity/external/backchannel-logout.ts': 'the issuer is of no tenant',
  'identity/external/people.ts': 'groups make a person a member of a tenant',
  'identity/gateway-tenants.ts': 'finds the tenants that a person and a gateway have in common',
  'identity/invitations.ts': 'a code says of which tenant it is',
  'identity/payload-adapter.ts': 'the issuer is of no tenant',
  'identity/resources.ts': 'the issuer is of no tenant',
  'identity/service-accounts.ts': 'its id says of which tenant it is',
  'identity/sessions.ts': 'a person may be of several tenants',
  'identity/signing-keys.ts': 'the issuer is of no tenant',
  'identity/subject-token.ts': 'a token says of which tenant it is',
  'identity/tenant-choice.ts': 'leads from one tenant to another',
  'identity/users.ts': 'a person may be of several tenants',
  'identity/voucher.ts': 'a link says of which tenant it is, and who made one for a first owner is of another',
  'issuers/mark-embedded.ts': 'the address of the embedded issuer is that of all tenants',
  'mcp-servers/catalog-rows.ts': 'as load-catalog, which it is a part of',
  'recover-owner.ts': 'on the machine of the server, with nobody signed in',
  'secrets/exchange.ts': 'a command, by the owner: the keys of all tenants at once',
  'secrets/first-keys.ts': "the Control Plane's own",
  'secrets/key-commands.ts': 'a command, by the owner',
  'secrets/key-rows.ts': 'keys of tenants and of nobody, which are sealed',
  'secrets/rotate-data-keys.ts': 'a command, by the owner: what all tenants have sealed',
  'secrets/rotate-signing-key.ts': "the Control Plane's own",
  'secrets/unused-data-keys.ts': 'deletes what nobody needs, whose ever it was',
  'usage/add-usage.ts': 'a runtime speaks, and must not wait for three more round trips',
};

/** What makes connections, and runs what it is told to on them; what migrates, as the owner. */
const connections = ['connection', 'database-roles', 'embedded-postgres', 'guard-tenants', 'in-transaction', 'listener', 'migrate', 'one-at-a-time'];
const notOurs = ['peers.ts', ...connections.map((name) => `database/${name}.ts`)];

it('what is for no one tenant is all listed here', () => {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], { cwd: server, encoding: 'utf8' })
    .trim()
    .split('\n');
  const found = files
    .filter((file) => !/\.test\.ts$|^testing\//.test(file) && !notOurs.includes(file))
    .filter((file) => /(?:pool|client|database|db)\.query\b/i.test(readFileSync(join(server, file), 'utf8')));
  expect(found.sort()).toEqual(Object.keys(unscoped).sort());
});
