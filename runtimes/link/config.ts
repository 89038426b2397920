import { askerFault } from '@stoa/mcp/doors/authz/who-asks.ts';
import { commandsFault } from '@stoa/mcp/federation/commands.ts';
import { runtimeSettings, socketFault } from '@stoa/mcp/settings.ts';
import { clientCertificateFault, tlsFault } from '@stoa/lib/server-tls.ts';
import { defineSettings, setting } from '@stoa/lib/settings.ts';
import type { SettingsOf } from '@stoa/lib/settings.ts';
import { telemetryFault } from '@stoa/lib/telemetry/settings.ts';
import { version } from '@stoa/lib/version.ts';

export const program = 'stoa-link';

const table = {
  ...runtimeSettings({ program: 'link', listen: '127.0.0.1:8082' }),
  grpcListen: setting.string({
    optional: true,
    describe:
      'Where Link is asked over gRPC (envoy.service.auth.v3), if anywhere: an address of this machine such as 127.0.0.1:9001, or unix: and the path of a socket. Who ' +
      'may connect there is believed what it tells of requests.',
    matches: {
      pattern: /^(?:unix:\/[^\0]{1,100}|(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\]):\d{1,5})$/,
      says: 'must be an address of this machine alone, such as 127.0.0.1:9001, or unix:/run/stoa/link.sock',
    },
  }),
  authzCallers: setting.list({
    optional: true,
    describe:
      'Who may ask at /authz, by the connection: loopback, socket (STOA_SOCKET), certificate (one that STOA_CLIENT_CA_FILE vouches for), or certificate= and a name of it, such as ' +
      'certificate=URI:spiffe://bank.example/ns/edge/*. Everybody who reaches this address when absent.',
    check: askerFault,
  }),
  frontUrls: setting.list({
    default: [],
    describe:
      'URLs that clients reach the gateway under which asks Link, such as https://api.example: what proves that a caller holds the key of its token (DPoP) names the address it is for. Without ' +
      'one no such proof is good there.',
    check: (urls) => {
      const wrong = urls.find((url) => !/^https?:$/.test(URL.parse(url)?.protocol ?? '') || /[?#]|\/$/.test(url));
      return wrong === undefined ? undefined : `must hold entries such as https://api.example, without a slash at the end, which ${wrong} is not`;
    },
  }),
  mcpCommands: setting.string({
    optional: true,
    matches: { pattern: /^\{[\s\S]*\}$/, says: 'must be a JSON object, such as {"tickets":{"command":"/usr/bin/tickets-mcp"}}' },
    check: commandsFault,
    describe:
      'What this Link may start as MCP servers, which the Control Plane can then name: a JSON object by name, each with command, args and env, the names of variables to pass on: ' +
      '{"tickets":{"command":"/usr/bin/tickets-mcp","args":["--stdio"],"env":["TICKETS_TOKEN"]}}. Nothing goes through a shell.',
  }),
  targetGatewayType: setting.string({
    optional: true,
    describe: 'Kind of the gateway that this Link stands beside, such as kong, for the Console to show.',
  }),
  targetGatewayUrl: setting.url({ optional: true, describe: 'Address of that gateway, for the Console to show. Needs STOA_TARGET_GATEWAY_TYPE.' }),
};

type Asked = {
  readonly authzCallers?: readonly string[] | undefined;
  readonly socket?: string | undefined;
  readonly clientCaFile?: string | undefined;
};

/** What an entry needs that is not there. */
function askersFault({ authzCallers = [], socket, clientCaFile }: Asked): string | undefined {
  if (authzCallers.includes('socket') && socket === undefined)
    return 'STOA_AUTHZ_CALLERS names socket, which has no effect without STOA_SOCKET: set that too, or remove it.';
  if (authzCallers.some((entry) => entry.startsWith('certificate')) && clientCaFile === undefined)
    return 'STOA_AUTHZ_CALLERS names certificates, which nobody is asked for without STOA_CLIENT_CA_FILE: set that too, or remove them.';
  return undefined;
}

/** The settings of STOA Link: those of Gateway, and what it stands beside. */
export const settings = defineSettings(
  {
    name: program,
    version,
    description: 'STOA Link: decides on requests (/authz) beside a third-party gateway, and serves MCP and the APIs themselves (/apis).',
  },
  table,
  tlsFault,
  clientCertificateFault,
  socketFault,
  askersFault,
  telemetryFault,
  ({ grpcListen, workers }) =>
    grpcListen?.startsWith('unix:') === true && workers !== '1'
      ? 'STOA_GRPC_LISTEN names a socket in a folder, which several threads cannot listen on: name an address, or set STOA_WORKERS=1.'
      : undefined,
  ({ targetGatewayType, targetGatewayUrl }) =>
    targetGatewayType === undefined && targetGatewayUrl !== undefined
      ? 'STOA_TARGET_GATEWAY_URL has no effect without STOA_TARGET_GATEWAY_TYPE: set that too, or remove it.'
      : undefined,
);

export type LinkSettings = SettingsOf<typeof table>;
