import { createControlPlaneClient } from '@stoa/generated/client.ts';
import type { Peer } from '@stoa/lib/check.ts';
import type { Proxies } from '@stoa/lib/proxies.ts';
import type { Secret } from '@stoa/lib/secret.ts';
import { createHttpFetch } from './fetch.ts';

/** No gateway has it: asked for its configuration, a Control Plane says 404 to a good key and 401 to any other or none, and registers nobody. */
const nobody = '00000000-0000-4000-8000-000000000000';

/** The Control Plane, as `check` of a runtime asks for it. */
export function controlPlanePeer(settings: Proxies & { controlPlaneUrl: string; gatewayKey: Secret }): Peer {
  const { controlPlaneUrl, gatewayKey } = settings;
  return {
    name: 'Control Plane',
    where: controlPlaneUrl,
    async reach(signal) {
      const http = createHttpFetch({ proxies: settings });
      try {
        const client = createControlPlaneClient({ baseUrl: controlPlaneUrl, fetch: http.fetch });
        const ask = (headers: Record<string, string>) =>
          client
            .getGatewayConfig({ params: { path: { gateway_id: nobody } }, headers, signal })
            .catch((failure: unknown) => Promise.reject(unreachable(failure)));
        // Any server says 404 where it serves nothing, as it does below a wrong path: that one asks for a key tells them apart.
        const keyless = await ask({});
        const { response, error } = keyless.response.status === 401 ? await ask({ authorization: `Bearer ${gatewayKey.reveal()}` }) : keyless;
        if (keyless.response.status === 401 && response.status === 404 && isProblem(error)) return 'it answers, and takes the gateway key';
        if (response.status === 401 && isProblem(error))
          throw new Error('it answers, and refuses the gateway key: correct STOA_GATEWAY_KEY, or mint another');
        const detail = isProblem(error) ? ` (${error.detail ?? error.title})` : '';
        throw new Error(`it answers ${response.status}${detail}, as a Control Plane does not: check STOA_CONTROL_PLANE_URL`);
      } finally {
        http.close();
      }
    },
  };
}

function unreachable(failure: unknown): Error {
  const { code, message } = failure as NodeJS.ErrnoException;
  return new Error(`cannot be reached (${code ?? message}): check STOA_CONTROL_PLANE_URL, and that it runs`, { cause: failure });
}

function isProblem(value: unknown): value is { title: string; detail?: string } {
  return typeof value === 'object' && value !== null && 'title' in value && 'status' in value;
}
