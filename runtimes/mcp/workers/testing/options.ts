import { defineSettings } from '@stoa/lib/settings.ts';
import { doors } from '../../doors/table.ts';
import { runtimeSettings } from '../../settings.ts';
import type { RuntimeOptions } from '../../runtime-options.ts';

/** A runtime with two workers, on a free port, unless other settings are `given`. */
export function testOptions(given: Readonly<Record<string, string>> = {}): RuntimeOptions {
  const program = { name: 'stoa-test', version: '0.0.0', description: 'A runtime under test.' };
  const env = {
    STOA_CONTROL_PLANE_URL: 'http://127.0.0.1:9',
    STOA_GATEWAY_KEY: 'stoa_gk_test',
    STOA_LISTEN: '127.0.0.1:0',
    STOA_WORKERS: '2',
    ...given,
  };
  const settings = defineSettings(program, runtimeSettings({ program: 'test', listen: '127.0.0.1:8081' })).load({ argv: [], env });
  return { program: 'stoa-test', product: 'STOA Gateway', gatewayMode: 'edge_mcp', doors: [doors.mcp], settings };
}
