import { catalogDocument, oneItemDocument } from '../subjects/catalog.ts';
import { must } from './control-plane.ts';
import type { ControlPlane } from './control-plane.ts';

export type Caller = { consumerId: string; key: string };

/** Defines an API, subscribes the caller to it and deploys it to these environments. Answers its id. */
export async function publish({ client }: ControlPlane, name: string, document: object, environments: string[], caller?: Caller): Promise<string> {
  const { api_id } = must(await client.createApi({ body: { name, document: document as Record<string, unknown> } }));
  if (caller !== undefined) must(await client.createSubscription({ body: { api_id, consumer_id: caller.consumerId } }));
  must(await client.createDeployment({ body: { api_id, targets: { environments } } }));
  return api_id;
}

export async function createCaller({ client }: ControlPlane, name: string): Promise<Caller> {
  const { consumer_id } = must(await client.createConsumer({ body: { name } }));
  return { consumerId: consumer_id, key: await mintKey({ client }, consumer_id) };
}

/** A change of some hundred bytes that every Gateway must have at once. */
export async function mintKey({ client }: Pick<ControlPlane, 'client'>, consumer_id: string): Promise<string> {
  return must(await client.createConsumerKey({ params: { path: { consumer_id } }, body: {} })).secret;
}

/** APIs of so many tools each, and one with a tool that the upstream answers; `asked` are its name and what to call it with. */
export async function publishCatalog(
  controlPlane: ControlPlane,
  {
    apis,
    toolsEach,
    upstreamUrl,
    environments,
    caller,
  }: { apis: number; toolsEach: number; upstreamUrl: string; environments: (at: number) => string[]; caller: Caller },
): Promise<void> {
  await publish(controlPlane, 'ping', oneItemDocument(upstreamUrl, 'ping'), environments(0), caller);
  for (let at = 0; at < apis; at += 1) {
    const name = `catalog-${at}`;
    await publish(controlPlane, name, catalogDocument(name, { tools: toolsEach, url: upstreamUrl }), environments(at), caller);
    if ((at + 1) % 100 === 0) console.log(`  ${at + 1} APIs are defined and deployed`);
  }
}
