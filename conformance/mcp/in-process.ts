import { settings as gatewaySettings } from '@stoa/gateway/config.ts';
import { gateway } from '@stoa/gateway/start.ts';
import type { GatewayConfig } from '@stoa/generated/schemas.ts';
import { settings as linkSettings } from '@stoa/link/config.ts';
import { link } from '@stoa/link/start.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { startRuntime } from '@stoa/mcp/start.ts';
import type { Runtime } from '@stoa/mcp/start.ts';
import { fakeConnection } from '@stoa/mcp/testing/fake-connection.ts';
import { configOf } from '@stoa/mcp/testing/fixtures.ts';

/** A Gateway or a Link in this process, which is given its configuration by hand. */
export async function startInProcess(mode: 'gateway' | 'link', origins: readonly string[], items: GatewayConfig['items']): Promise<Runtime> {
  const env = {
    STOA_CONTROL_PLANE_URL: 'http://127.0.0.1:9',
    STOA_GATEWAY_KEY: 'stoa_gk_test',
    STOA_LISTEN: '127.0.0.1:0',
    STOA_ALLOWED_ORIGINS: origins.join(','),
  };
  const log = createLogger({ program: 'conformance', level: 'silent' });
  const given = { argv: [], env };
  const options = mode === 'gateway' ? gateway(gatewaySettings.load(given), log) : link(linkSettings.load(given), log);
  const connection = fakeConnection();
  const runtime = await startRuntime({ ...options, connect: connection.connect });
  await connection.apply(configOf(...items));
  return runtime;
}
