import { join } from 'node:path';
import { clientAddresses } from '@stoa/lib/client-address.ts';
import { createHttpServer } from '@stoa/lib/http-server.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import type { Logger } from '@stoa/lib/log.ts';
import { createUpstreamGuard } from '@stoa/lib/upstream-guard.ts';
import { askItselfAt } from './ask-itself.ts';
import type { AskItself } from './ask-itself.ts';
import { accessChannel } from './access/access-channel.ts';
import { Authenticator } from './access/authenticator.ts';
import { ensureAdministrator } from './access/administrator.ts';
import { loadMasterKey } from './access/master-key.ts';
import { createApp } from './app.ts';
import { ExpiryNotices } from './access/expiry-notices.ts';
import { startAudit } from './audit/audit.ts';
import type { ForTenant } from './audit/for-tenant.ts';
import { AuditKeeper } from './audit/keeper.ts';
import { sinksOf } from './audit/sinks.ts';
import type { Settings } from './config.ts';
import type { ServerContext } from './context.ts';
import { documentWorkers } from './catalog/document-workers.ts';
import { ClosingStack } from './closing-stack.ts';
import { checkDataDirectory } from './data-directory.ts';
import { closePool, connect, openPool } from './database/connection.ts';
import { startEmbeddedPostgres } from './database/embedded-postgres.ts';
import { migrate } from './database/migrate.ts';
import { AckWriter } from './deployments/ack-writer.ts';
import { DesiredStates } from './deployments/desired-states.ts';
import { AskedStates } from './deployments/asked-about.ts';
import { DryRuns } from './deployments/dry-runs.ts';
import { waitingPlaces } from './places.ts';
import { sqlOf } from './database/sql.ts';
import { asTenant } from './tenants/in-tenant.ts';
import { FleetEvents } from './fleet/fleet-events.ts';
import { HeartbeatWriter } from './fleet/heartbeat-writer.ts';
import { IntervalPolicy } from './fleet/interval-policy.ts';
import { readHolders } from './fleet/holders.ts';
import { RegistrationWriter } from './fleet/registration-writer.ts';
import { Sweeper } from './fleet/sweeper.ts';
import { offerOwnership } from './identity/first-owner.ts';
import { externalAccess, externalIssuerOf } from './identity/external/in-force.ts';
import { CurrentIssuer } from './identity/current-issuer.ts';
import { createIssuer } from './identity/issuer.ts';
import { issuerKeys } from './identity/signing-keys.ts';
import { embeddedIssuer } from './issuers/embedded-issuer.ts';
import { markEmbedded } from './issuers/mark-embedded.ts';
import { apiResourceOf } from './identity/paths.ts';
import { Callers } from './http/callers.ts';
import { quickRuntimeLanes, runtimeLanes } from './http/lanes.ts';
import { metricsListener } from './http/metrics-listener.ts';
import { ControlPlaneMetrics } from './metrics.ts';
import { observing } from './telemetry.ts';
import type { ControlPlaneVoice } from './telemetry.ts';
import { productFile } from './product-file.ts';
import { KeyStore } from './secrets/key-store.ts';
import { keysChannel } from './secrets/keys-channel.ts';
import { makeRoles, requireHeldRoles } from './database/database-roles.ts';
import type { DatabaseUrls } from './database/database-roles.ts';

export type RunningControlPlane = {
  url: string;
  context: ServerContext;
  /** The administrator's token: minted by this start, or undefined when one was there already. */
  mintedAdministrator: { secret: string; file: string } | undefined;
  /** The link that makes the first owner, while there is none. */
  ownerLink: string | undefined;
  stop(): Promise<void>;
};

// A stop as a whole has to end before whoever asked for it kills us, mostly after 30 s: these, 6 s for the pools and 11 s for the database.
const graceMs = 10_000;
// Of their own, so that no flood of other requests can keep heartbeats from the database.
const heartbeatConnections = 2;
const keyConnections = 2;

/** Starts a Control Plane: database, schema, keys, server. Rejects with one sentence when something is missing. */
export async function startControlPlane(settings: Settings, log: Logger, voice?: Omit<ControlPlaneVoice, 'log'>): Promise<RunningControlPlane> {
  await checkDataDirectory({ dataDir: settings.dataDir, log, holdsDatabase: settings.databaseUrl === undefined });
  const embedded = settings.databaseUrl ? undefined : await startEmbeddedPostgres({ dataDir: settings.dataDir, log });
  const closing = new ClosingStack();
  // Last, so that the log of a stop is told of; beside the database, which takes longer.
  closing.push(async () => void (await Promise.all([embedded?.stop(), voice?.telemetry?.stop()])));
  closing.push(() => documentWorkers.endIdle());
  try {
    const urls = embedded ? await makeRoles(embedded.url) : urlsOf(settings);
    const wrappers = await loadMasterKey(settings, embedded ? join(settings.dataDir, 'master-key') : undefined);
    const roles = await requireHeldRoles(urls, settings.singleRole && !embedded);
    const { unknown, notices } = await migrate({ databaseUrl: urls.owner, migrationsDir: productFile('prisma/migrations'), roles });
    for (const notice of notices) log.warn(notice);
    if (unknown.length > 0) log.warn({ migrations: unknown }, 'The database was migrated by a newer release.');
    const db = connect(urls, { max: settings.databaseConnections, log });
    closing.push(() => db.close());
    // Of its own: a key may have to be read while all others are held by those who wait for it.
    const keyPool = openPool(urls.unscoped, { max: keyConnections, log });
    closing.push(() => closePool(keyPool));
    const keys = await KeyStore.open(keyPool, wrappers);
    db.listenFor(keysChannel, (event) => {
      const tenantId = event.kind === 'notification' ? event.payload : undefined;
      keys
        .refresh(tenantId)
        .catch((error: unknown) => log.warn({ err: error }, 'New data keys will be read when something turns up that they sealed.'));
    });
    const mintedAdministrator = await ensureAdministrator(db, keys, join(settings.dataDir, 'admin-token'));
    const intervals = new IntervalPolicy({ shortestS: settings.heartbeatIntervalS, heartbeatsPerSecond: settings.heartbeatsPerSecond });
    const sweeper = new Sweeper(db, intervals, log, settings);
    await sweeper.start();
    closing.push(() => sweeper.stop());
    const heartbeatPool = openPool(urls.unscoped, { max: heartbeatConnections, log });
    closing.push(() => closePool(heartbeatPool));
    let url = '';
    const publicUrl = () => settings.publicUrl ?? url;
    const external = externalIssuerOf(settings, log);
    const authenticator = new Authenticator(
      db.pool,
      keys,
      () => apiResourceOf(publicUrl()),
      external && externalAccess({ pool: db.pool, keys, external, log }),
    );
    const events = new FleetEvents(db, log);
    events.start();
    closing.push(() => events.stop());
    db.listenFor(accessChannel, () => {
      authenticator.forget();
      void events.recheck();
    });
    const forTenant: ForTenant = (tenantId, work) => asTenant(db, tenantId, (tx) => work(sqlOf(tx)));
    const audit = await startAudit({ pool: db.pool, forTenant, keys, log });
    closing.push(() => audit.stop());
    const keeper = new AuditKeeper({ pool: db.pool, keys: audit.keys, log, sinks: sinksOf(settings), retentionDays: settings.auditRetentionDays });
    keeper.start();
    closing.push(() => keeper.stop());
    const expiries = new ExpiryNotices({ pool: db.pool, forTenant, log });
    expiries.start();
    closing.push(() => expiries.stop());
    const addressOf = clientAddresses(settings.trustedProxies, { whole: true });
    const metrics = new ControlPlaneMetrics();
    const heartbeats = new HeartbeatWriter(heartbeatPool, intervals, metrics, () => keys.signing);
    const registrations = new RegistrationWriter(db.pool, intervals, metrics);
    const desired = new DesiredStates(db, keys, log);
    const dryRuns = new DryRuns(db);
    const acks = new AckWriter(db.pool, metrics);
    metrics.watch({
      pools: { heartbeats: heartbeatPool, others: db.pool, tenants: db.servicePool },
      waiting: { heartbeat: () => heartbeats.waiting, registration: () => registrations.waiting, acknowledgement: () => acks.waiting },
      longPolls: () => desired.waiting + dryRuns.waiting,
      streams: () => events.following,
      sweepAgeS: () => sweeper.ageS,
      brakes: () => sweeper.fleet.brakes,
      telemetryDropped: () => voice?.dropped ?? {},
      gateways: () => sweeper.fleet.gateways,
    });
    const issuer = new CurrentIssuer({
      read: () => issuerKeys(db.pool, keys),
      make: (jwks) => createIssuer({ pool: db.pool, keys, log, counted: audit.counted, publicUrl: publicUrl(), settings }, jwks),
      log,
    });
    db.listenFor(keysChannel, () => issuer.forget());
    const callers = new Callers();
    const started = Promise.withResolvers<void>();
    const context: ServerContext = {
      settings,
      log,
      db,
      keys,
      authenticator,
      intervals,
      upstreams: createUpstreamGuard(settings),
      holders: readHolders(db.pool),
      acks,
      audit,
      callerOf: (request) => ({ address: addressOf(request), client: request.headers['user-agent'] }),
      heartbeats,
      registrations,
      events,
      metrics,
      desired,
      dryRuns,
      places: waitingPlaces(),
      askedStates: new AskedStates(db.pool, keys),
      publicUrl,
      askItself: askItselfAt(() => url, settings),
      external,
      issuer: issuer.get,
      started: started.promise,
      callers,
    };
    const server = createHttpServer(
      settings,
      runtimeLanes(context, observing(voice?.telemetry, createApp(context))),
      log,
      quickRuntimeLanes(context),
    );
    url = await listen(server, settings.listen);
    closing.push(() => {
      // Long polls of the config feed would be waited for otherwise.
      callers.stop();
      return closeGracefully(server, graceMs);
    });
    if (settings.metricsListen !== undefined) {
      const exporting = createHttpServer(settings, metricsListener(metrics), log);
      await listen(exporting, settings.metricsListen, 'STOA_METRICS_LISTEN');
      closing.push(() => closeGracefully(exporting, graceMs));
    }
    await markEmbedded(db, embeddedIssuer(context));
    await warmUp(context.askItself);
    const ownerLink =
      external === undefined
        ? await offerOwnership({ pool: db.pool, keys, publicUrl: publicUrl(), file: join(settings.dataDir, 'owner-link'), log })
        : undefined;
    started.resolve();
    return { url, context, mintedAdministrator, ownerLink, stop: () => closing.close() };
  } catch (error) {
    await closing.close();
    throw error;
  }
}

/** As the settings have been checked: all three, or one for all. */
function urlsOf({ databaseUrl, databaseUnscopedUrl, databaseOwnerUrl }: Settings): DatabaseUrls {
  const service = databaseUrl?.reveal() ?? '';
  return { service, unscoped: databaseUnscopedUrl?.reveal() ?? service, owner: databaseOwnerUrl?.reveal() ?? service };
}

/** On a machine that is busy with the start of everything else, loading takes long. */
const warmWithinMs = 120_000;

/** What is loaded at the first request, such as the validator of answers outside of production, is loaded by one of ours. */
async function warmUp(askItself: AskItself): Promise<void> {
  const { status } = await askItself('/healthz', { withinMs: warmWithinMs });
  if (status !== 200) throw new Error(`The server does not answer its own first request: ${status}.`);
}
