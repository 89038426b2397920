import type { ControlPlane } from '../../subjects/over-http.ts';
import type { Suite } from '../case.ts';
import { adrOnly } from './adr-only.ts';
import { configuration } from './configuration.ts';
import { credentials } from './credentials.ts';
import { fencing } from './fencing.ts';
import { heartbeats } from './heartbeats.ts';
import { identity } from './identity.ts';
import { lanes } from './lanes.ts';
import { mcpServers } from './mcp-servers.ts';
import { toolSets } from './tool-sets.ts';
import { messages } from './messages.ts';
import { twoCalls } from './two-calls.ts';
import { usage } from './usage.ts';

/** What the Control Plane must do, by subject matter. */
export const controlPlaneSuites: Readonly<Record<string, Suite<ControlPlane>>> = {
  'the two calls': twoCalls,
  identity,
  fencing,
  heartbeats,
  lanes,
  messages,
  credentials,
  configuration,
  mcpServers,
  toolSets,
  usage,
  'a client of the ADR alone': adrOnly,
};
