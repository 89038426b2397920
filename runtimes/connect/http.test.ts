import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@stoa/lib/log.ts';
import { describeHttp } from '@stoa/lib/testing/http-suite.ts';
import type { HttpSubject } from '@stoa/lib/testing/http-suite.ts';
import { settings } from './config.ts';
import { startConnect } from './start.ts';

/** Neither a Control Plane nor a third-party gateway is there. */
async function startAlone(env: Record<string, string>): Promise<HttpSubject> {
  const directory = await mkdtemp(join(tmpdir(), 'stoa-connect-'));
  const nobody = { STOA_CONTROL_PLANE_URL: 'http://127.0.0.1:9', STOA_TARGET_GATEWAY_URL: 'http://127.0.0.1:9', STOA_STATE_DIR: directory };
  const loaded = settings.load({ argv: [], env: { STOA_GATEWAY_KEY: 'stoa_gk_test', STOA_LISTEN: '127.0.0.1:0', ...nobody, ...env } });
  const connect = await startConnect(loaded, createLogger({ program: 'test', level: 'silent' }));
  return { url: connect.url, close: () => connect.stop().then(() => rm(directory, { recursive: true })) };
}

describeHttp('STOA Connect', startAlone, ['/healthz', '/readyz', '/version', '/metrics', '/nothing']);
