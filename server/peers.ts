import { join } from 'node:path';
import { directoryPeer } from '@stoa/lib/check.ts';
import type { Peer } from '@stoa/lib/check.ts';
import type { Secret } from '@stoa/lib/secret.ts';
import { createLogger } from '@stoa/lib/log.ts';
import pg from 'pg';
import { loadMasterKey } from './access/master-key.ts';
import type { Settings } from './config.ts';
import { connectOrExplain } from './database/migrate.ts';
import { externalIssuerOf } from './identity/external/in-force.ts';
import { findPostgresBinaries } from './database/postgres-binaries.ts';
import { requireKnownMasterKey } from './secrets/same-master-key.ts';
import { requireHeldRoles } from './database/database-roles.ts';
import type { DatabaseUrls } from './database/database-roles.ts';

/** What the Control Plane needs from outside. */
export function controlPlanePeers(settings: Settings): readonly Peer[] {
  return [directoryPeer('Data directory', settings.dataDir), ...databasePeers(settings), ...issuerPeer(settings)];
}

function databasePeers({ databaseUrl, databaseUnscopedUrl, databaseOwnerUrl, dataDir, ...given }: Settings): Peer[] {
  if (databaseUrl === undefined) return [embeddedPeer(dataDir)];
  if (databaseUnscopedUrl === undefined || databaseOwnerUrl === undefined) return [databasePeer(databaseUrl, given)];
  const urls = { owner: databaseOwnerUrl.reveal(), service: databaseUrl.reveal(), unscoped: databaseUnscopedUrl.reveal() };
  return [databasePeer(databaseOwnerUrl, given), rolesPeer(urls)];
}

function issuerPeer(settings: Settings): Peer[] {
  const external = externalIssuerOf(settings, createLogger({ program: 'stoa-control-plane', level: 'silent' }));
  if (external === undefined) return [];
  return [{ name: 'Issuer', where: external.issuer, reach: async () => `it answers, as ${await external.reach()}` }];
}

function embeddedPeer(dataDir: string): Peer {
  return {
    name: 'Embedded PostgreSQL',
    where: join(dataDir, 'cluster'),
    async reach() {
      await findPostgresBinaries();
      return 'its programs are there; it was not started';
    },
  };
}

function rolesPeer(urls: DatabaseUrls): Peer {
  const { host, pathname } = new URL(urls.service);
  return {
    name: 'Roles of the database',
    where: `${host}${pathname}`,
    async reach() {
      const roles = await requireHeldRoles(urls, false);
      return `${roles?.service} and ${roles?.unscoped} are held by row-level security, and ${roles?.owner} owns the tables`;
    },
  };
}

function databasePeer(databaseUrl: Secret, given: Pick<Settings, 'masterKey' | 'kmsCommand'>): Peer {
  const { host, pathname } = new URL(databaseUrl.reveal());
  return {
    name: 'PostgreSQL',
    where: `${host}${pathname}`,
    async reach() {
      const client = new pg.Client({ connectionString: databaseUrl.reveal(), connectionTimeoutMillis: 5000, query_timeout: 5000 });
      client.on('error', () => {});
      await connectOrExplain(client);
      try {
        const { rows } = await client.query<{ version: string; is_ours: boolean }>(
          `SELECT current_setting('server_version') AS version, to_regclass('control_plane_state') IS NOT NULL AS is_ours`,
        );
        const [found] = rows;
        if (found?.is_ours !== true) return `it answers, as ${found?.version}; it is empty, and the first start makes the tables`;
        await requireKnownMasterKey(client, await loadMasterKey(given, undefined));
        return `it answers, as ${found.version}, and its keys were wrapped by what is given here`;
      } finally {
        await client.end();
      }
    },
  };
}
