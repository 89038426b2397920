import type { Logger } from '@stoa/lib/log.ts';
import { doors } from '@stoa/mcp/doors/table.ts';
import { startRuntime } from '@stoa/mcp/start.ts';
import type { Runtime, RuntimeOptions } from '@stoa/mcp/start.ts';
import type { RuntimeSettings } from '@stoa/mcp/settings.ts';
import { program } from './config.ts';

/** Starts STOA Gateway in this process. See `startRuntime` for what it throws. */
export function startGateway(settings: RuntimeSettings, log?: Logger): Promise<Runtime> {
  return startRuntime(gateway(settings, log));
}

/** STOA Gateway, the stand-alone MCP gateway of ADR-057 (`edge_mcp`). */
export function gateway(settings: RuntimeSettings, log?: Logger): RuntimeOptions {
  return {
    program,
    product: 'STOA Gateway',
    gatewayMode: 'edge_mcp',
    doors: [doors.mcp, doors.rest],
    settings,
    ...(log !== undefined && { log }),
  };
}
