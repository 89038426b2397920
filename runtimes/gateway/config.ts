import { runtimeSettings, socketFault } from '@stoa/mcp/settings.ts';
import { clientCertificateFault, tlsFault } from '@stoa/lib/server-tls.ts';
import { defineSettings } from '@stoa/lib/settings.ts';
import { telemetryFault } from '@stoa/lib/telemetry/settings.ts';
import { version } from '@stoa/lib/version.ts';

export const program = 'stoa-gateway';

/** The settings of STOA Gateway. */
export const settings = defineSettings(
  {
    name: program,
    version,
    description: 'STOA Gateway: serves the APIs that the Control Plane deploys to it, as MCP tools and as they are (/apis).',
  },
  runtimeSettings({ program: 'gateway', listen: '127.0.0.1:8081' }),
  tlsFault,
  clientCertificateFault,
  socketFault,
  telemetryFault,
);
