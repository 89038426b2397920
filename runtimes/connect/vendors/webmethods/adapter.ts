import type { SettingsOf } from '@stoa/lib/settings.ts';
import type { GatewayAdapter, Inspected, Marked, Meddling } from '../../engine/model.ts';
import { createWebmethodsAdmin } from './admin.ts';
import type { WebmethodsOptions } from './admin.ts';
import { webmethodsWriter } from './apply.ts';
import { webmethodsCapabilities } from './capabilities.ts';
import { fetchWebmethods, nameOf } from './fetch.ts';
import type { WebmethodsFound, WebmethodsObserved } from './fetch.ts';
import { webmethodsHealth } from './health.ts';
import { isOurAction, partObject } from './names.ts';
import { planWebmethods, webmethodsMismatch } from './plan.ts';
import type { WebmethodsPayload } from './plan.ts';
import { probeWebmethods } from './probe.ts';
import type { webmethodsSettings } from './settings.ts';
import { webmethodsTransform } from './transform.ts';

/** webMethods API Gateway, by its REST API. Made from documents: never run against the real system. */
export function createWebmethodsAdapter(
  options: WebmethodsOptions & { readonly settings?: Partial<SettingsOf<typeof webmethodsSettings>> },
): GatewayAdapter<WebmethodsObserved, WebmethodsPayload> {
  const apiVersion = options.settings?.webmethodsApiVersion ?? '1.0';
  const admin = createWebmethodsAdmin(options);
  const target = (version: string | undefined) => ({ type: 'webmethods', url: options.url, ...(version !== undefined && { version }) });
  return {
    type: 'webmethods',
    capabilities: webmethodsCapabilities,
    reach: async (signal) => target(await probeWebmethods(admin, signal)),
    health: (signal) => webmethodsHealth(admin, signal),
    fetch: (gatewayId, signal) => fetchWebmethods(admin, gatewayId, signal),
    transform: webmethodsTransform(apiVersion),
    plan: planWebmethods,
    inspect: (gatewayId, observed): Inspected<WebmethodsFound> => ({
      find: observed.find,
      mismatch: (object, found) => webmethodsMismatch(object, found, 'drift'),
      marked: marked(gatewayId, observed),
      meddling: meddling(gatewayId, observed),
    }),
    writer: (observed) => webmethodsWriter(admin, observed),
    describe: ({ version }) => target(version),
    discovered: (_gatewayId, { apis, others }) => [
      ...[...apis.values()].map(({ entity }) => ({ name: String(entity['apiName']).slice(0, 256), managed: true })),
      // The contract takes no more than this.
      ...others.slice(0, 9000).map((entity) => ({ name: String(entity['apiName']).slice(0, 256), managed: false })),
    ],
    close: () => admin.close(),
  };
}

function marked(gatewayId: string, { apis, aliases, orphans }: WebmethodsObserved): Marked[] {
  return [
    ...[...apis.values()].flatMap(({ entity, object, item }) => [
      { id: object, itemId: item, label: `api ${String(entity['apiName'])}` },
      { id: partObject(gatewayId, 'policy', object), itemId: item, label: `policy ${String(entity['apiName'])}` },
      { id: partObject(gatewayId, 'activation', object), itemId: item, label: `activation ${String(entity['apiName'])}` },
    ]),
    ...aliases.map((alias) => ({ id: String(alias['name']), itemId: undefined, label: `alias ${String(alias['name'])}` })),
    ...orphans.map((action) => ({ id: action.id, itemId: undefined, label: `action ${nameOf(action)}` })),
  ];
}

/** Actions that somebody put into a policy of ours are kept, and told. */
function meddling(gatewayId: string, { apis }: WebmethodsObserved): Meddling[] {
  const system = new Set(['straightThroughRouting', 'entryProtocolPolicy']);
  return [...apis.values()].flatMap(({ entity, item, actions }) =>
    actions
      .filter(({ action }) => !isOurAction(nameOf(action), gatewayId) && !system.has(String(action['templateKey'])))
      .map(({ stage, action }): Meddling => {
        const what = `action ${String(action['templateKey'])} (${action.id}) of ${String(entity['apiName'])}`;
        return { itemId: item, label: what, kind: 'extra', detail: `STOA Connect did not make it, and keeps it: it acts in the stage ${stage}.` };
      }),
  );
}
