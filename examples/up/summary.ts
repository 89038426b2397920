import type { Ports } from './ports.ts';

/** What `.stoa/up.json` holds, for scripts. */
export type UpFile = {
  control_plane_url: string;
  console_url: string;
  issuer_url: string;
  /** Makes the first owner; once there is one, where he signs in. */
  owner_login_url: string;
  admin_token: string;
  gateway_key: string;
  /** `sets`: tool sets, which `token` may use. */
  mcp: { gateway_url: string; link_url: string; token: string; operator_token: string; sets: { name: string; url: string }[] };
  connect_url: string;
  kong_admin_url: string;
  kong_proxy_url: string;
  viewer_token: string;
  ports: Ports;
};

/** What to open and what to paste. */
export function summary(up: UpFile, signInLink: string, upFile: string): string {
  const server = (url: string, token: string) => ({ type: 'http', url, headers: { Authorization: `Bearer ${token}` } });
  const mcpServers = {
    'stoa-gateway': server(up.mcp.gateway_url, up.mcp.token),
    'stoa-link': server(up.mcp.link_url, up.mcp.token),
    ...Object.fromEntries(up.mcp.sets.map(({ name, url }) => [`stoa-${name}`, server(url, up.mcp.token)])),
    'stoa-operator': server(up.mcp.gateway_url, up.mcp.operator_token),
  };
  return `
Ready. Three runtimes are online, and the API \`orders\`, defined once, is on all three.

  Console         ${signInLink}
                  (signs one browser in, once; for another link: restart, or POST /v1/sign-in-links)
  Owner           ${up.owner_login_url}
                  (makes the owner, with a password and an authenticator; afterwards, where to sign in)
  API reference   ${up.control_plane_url}/docs
  Gateway         curl -H 'Authorization: Bearer ${up.mcp.token}' ${new URL('/apis/orders/orders', up.mcp.gateway_url).href}
  Kong            curl -H 'X-API-Key: ${up.mcp.token}' ${up.kong_proxy_url}/orders

Paste into the configuration of an MCP client; the first two see the tools of \`orders\` and those of the MCP server \`support\`, \`stoa-desk\` three of them under names of their own, the last those of the Control Plane itself:

${JSON.stringify({ mcpServers }, null, 2)}

For scripts, all of this is in ${upFile}. Ctrl-C stops everything; the data stays.`;
}
