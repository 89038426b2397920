import { badPattern } from './cases/bad-pattern.ts';
import { badYaml } from './cases/bad-yaml.ts';
import { bigDocument } from './cases/big-document.ts';
import { clockSkew } from './cases/clock-skew.ts';
import { clockStep } from './cases/clock-step.ts';
import { connectKilled } from './cases/connect-killed.ts';
import { controlPlaneFrozen } from './cases/control-plane-frozen.ts';
import { controlPlaneKilled } from './cases/control-plane-killed.ts';
import { controlPlaneStopped } from './cases/control-plane-stopped.ts';
import { databaseAway } from './cases/database-away.ts';
import { databaseFull } from './cases/database-full.ts';
import { databasePassword } from './cases/database-password.ts';
import { databaseReadOnly } from './cases/database-read-only.ts';
import { deepBody } from './cases/deep-body.ts';
import { diskFull } from './cases/disk-full.ts';
import { endlessUpstream } from './cases/endless-upstream.ts';
import { forgedSnapshot } from './cases/forged-snapshot.ts';
import { gatewayKilled } from './cases/gateway-killed.ts';
import { herd } from './cases/herd.ts';
import { jwksAway } from './cases/jwks-away.ts';
import { linkRestarted } from './cases/link-restarted.ts';
import { lostReplies } from './cases/lost-replies.ts';
import { lyingUpstream } from './cases/lying-upstream.ts';
import { mcpServerKilled } from './cases/mcp-server-killed.ts';
import { outageOutlastsLeases } from './cases/outage-outlasts-leases.ts';
import { postmasterKilled } from './cases/postmaster-killed.ts';
import { randomTokens } from './cases/random-tokens.ts';
import { readOnlyDisk } from './cases/read-only-disk.ts';
import { redisAway } from './cases/redis-away.ts';
import { redisFailedOver } from './cases/redis-failed-over.ts';
import { redisFlapping } from './cases/redis-flapping.ts';
import { redisSlow } from './cases/redis-slow.ts';
import { revokedKey } from './cases/revoked-key.ts';
import { slowHead } from './cases/slow-head.ts';
import { slowUpstream } from './cases/slow-upstream.ts';
import { stuckStateDirectory } from './cases/stuck-state-directory.ts';
import { twoSignals } from './cases/two-signals.ts';
import { unknownKeys } from './cases/unknown-keys.ts';
import { usageKilled } from './cases/usage-killed.ts';
import type { Experiment } from './experiment.ts';

/** Every experiment, in the order in which they are run: what kills a program comes last, so that the others meet a system that nothing has happened to. */
export const experiments: readonly Experiment[] = [
  databaseAway,
  databaseFull,
  databaseReadOnly,
  databasePassword,
  outageOutlastsLeases,
  lostReplies,
  randomTokens,
  herd,
  stuckStateDirectory,
  twoSignals,
  forgedSnapshot,
  diskFull,
  readOnlyDisk,
  slowUpstream,
  mcpServerKilled,
  lyingUpstream,
  endlessUpstream,
  unknownKeys,
  deepBody,
  badPattern,
  badYaml,
  slowHead,
  bigDocument,
  revokedKey,
  clockStep,
  clockSkew,
  jwksAway,
  redisAway,
  redisSlow,
  redisFlapping,
  redisFailedOver,
  controlPlaneFrozen,
  connectKilled,
  gatewayKilled,
  usageKilled,
  linkRestarted,
  postmasterKilled,
  controlPlaneKilled,
  controlPlaneStopped,
];
