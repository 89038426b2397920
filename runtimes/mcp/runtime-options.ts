import type { connectToControlPlane } from '@stoa/control-plane-client/connection.ts';
import type { RegisterRequest } from '@stoa/generated/schemas.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { Door } from './doors/door.ts';
import type { McpCommands } from './federation/commands.ts';
import type { RuntimeSettings } from './settings.ts';

/** What makes a runtime a Gateway or a Link. */
export type RuntimeOptions = {
  /** The name of the executable. */
  readonly program: string;
  readonly product: 'STOA Gateway' | 'STOA Link';
  readonly gatewayMode: 'edge_mcp' | 'sidecar';
  /** What it opens, in the order in which they are asked whose a request is. */
  readonly doors: readonly Door[];
  readonly settings: RuntimeSettings;
  /** Where questions over gRPC come, for the door that answers them. */
  readonly grpcListen?: string | undefined;
  /** Who may ask at `/authz`, for the door that answers there. */
  readonly authzCallers?: readonly string[] | undefined;
  /** Below which URLs clients reach the gateway that asks, where one does. */
  readonly frontUrls?: readonly string[];
  /** What may be started as an MCP server, by name. */
  readonly mcpCommands?: McpCommands;
  /** What a Link stands beside. */
  readonly targetGateway?: RegisterRequest['target_gateway'];
  readonly log?: Logger;
  /** How the Control Plane is reached; a test gives a way of its own. */
  readonly connect?: typeof connectToControlPlane;
  /** The module that each worker starts with: it calls `serveAsWorker`. Without it there are none. */
  readonly entry?: URL;
};
