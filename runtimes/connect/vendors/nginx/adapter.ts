import type { ObservedApi } from '@stoa/generated/schemas.ts';
import type { SettingsOf } from '@stoa/lib/settings.ts';
import type { AdapterOptions, GatewayAdapter } from '../../engine/model.ts';
import { nginxCapabilitiesWith } from './capabilities.ts';
import { nginxWriter } from './apply.ts';
import type { NginxFrame } from './document.ts';
import { fetchNginx } from './fetch.ts';
import type { NginxObserved } from './fetch.ts';
import { nginxHealth } from './health.ts';
import type { RouteFields } from './model.ts';
import { inspectNginx, planNginx } from './plan.ts';
import type { NginxWrite } from './plan.ts';
import { requireIncluded } from './probe.ts';
import type { nginxSettings } from './settings.ts';
import type { Pace } from './served.ts';
import { nginxTools } from './tools.ts';
import type { NginxTools } from './tools.ts';
import { nginxTransform } from './transform.ts';

type Options = AdapterOptions & {
  readonly settings?: Partial<SettingsOf<typeof nginxSettings>>;
  readonly tools?: NginxTools;
  /** How patiently what answers is looked at, where it is not a real nginx. */
  readonly pace?: Pace;
};

/** An nginx on this machine, by one file of our own for each gateway. The target's URL is where it is to say which generation answers. */
export function createNginxAdapter({ url, settings = {}, tools: given, pace }: Options): GatewayAdapter<NginxObserved, NginxWrite> {
  const { nginxDir: dir = '', nginxListen: listen = '', nginxServerInclude: serverInclude, nginxCaFile: caFile, nginxLinkUrl: link } = settings;
  const tools =
    given ??
    nginxTools({
      url,
      dir,
      program: settings.nginxProgram,
      config: settings.nginxConfig,
      reload: settings.nginxReload,
      errorLog: settings.nginxErrorLog,
    });
  const frameOf = (gatewayId: string): NginxFrame => ({
    gatewayId,
    listen,
    serverInclude,
    caFile,
    linkAt: link === undefined ? undefined : addressOf(link),
    generationAt: addressOf(url),
  });
  const describe = (version: string) => ({ type: 'nginx', version, url });
  return {
    type: 'nginx',
    capabilities: nginxCapabilitiesWith({ authorities: caFile !== undefined, link: link !== undefined }),
    async reach() {
      const version = await tools.version();
      await requireIncluded(tools, dir);
      return describe(version);
    },
    health: (signal) => nginxHealth(tools, url, signal),
    fetch: (gatewayId, signal) => fetchNginx(tools, frameOf(gatewayId), signal, pace),
    transform: nginxTransform(link !== undefined),
    plan: (input) => planNginx(input, frameOf(input.gatewayId)),
    inspect: (gatewayId, observed) => inspectNginx(observed, frameOf(gatewayId)),
    writer: ({ text }) => nginxWriter(tools, text, pace),
    describe: ({ version }) => describe(version),
    discovered: (_gatewayId, observed) => discovered(observed),
    close: () => undefined,
  };
}

function addressOf(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port === '' ? '80' : port}`;
}

/** Ours alone: what else an nginx serves is text that only nginx reads. */
function discovered({ objects }: NginxObserved): ObservedApi[] {
  return [...objects.values()]
    .filter(({ kind }) => kind === 'route')
    .map(({ fields }) => {
      const { name, takes, upstream } = fields as unknown as RouteFields;
      const scheme = upstream.secure ? 'https' : 'http';
      return {
        name: name.slice(0, 256),
        upstream_url: `${scheme}://${upstream.host}:${upstream.port}`.slice(0, 2048),
        routes: takes.length,
        managed: true,
      };
    });
}
