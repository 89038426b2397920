import type { Logger } from '@stoa/lib/log.ts';
import { doors } from '@stoa/mcp/doors/table.ts';
import { commandsIn } from '@stoa/mcp/federation/commands.ts';
import { startRuntime } from '@stoa/mcp/start.ts';
import type { Runtime, RuntimeOptions } from '@stoa/mcp/start.ts';
import { program } from './config.ts';
import type { LinkSettings } from './config.ts';

/** Starts STOA Link in this process. See `startRuntime` for what it throws. */
export function startLink(settings: LinkSettings, log?: Logger): Promise<Runtime> {
  return startRuntime(link(settings, log));
}

/** STOA Link, the MCP engine beside a third-party gateway (ADR-057, `sidecar`). */
export function link(settings: LinkSettings, log?: Logger): RuntimeOptions {
  const { targetGatewayType: type, targetGatewayUrl: url } = settings;
  return {
    program,
    product: 'STOA Link',
    gatewayMode: 'sidecar',
    // A gateway that was not told of /authz asks on any path.
    doors: [doors.authz, doors.mcp, doors.rest, ...(settings.grpcListen === undefined ? [] : [doors.grpc])],
    grpcListen: settings.grpcListen,
    authzCallers: settings.authzCallers,
    frontUrls: settings.frontUrls,
    mcpCommands: commandsIn(settings.mcpCommands),
    settings,
    ...(type !== undefined && { targetGateway: { type, ...(url !== undefined && { url }) } }),
    ...(log !== undefined && { log }),
  };
}
