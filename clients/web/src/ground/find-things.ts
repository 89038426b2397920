import type { OperationId } from '@stoa/generated/operations.ts';
import { client } from '../api.ts';
import { answered, within } from './fault.ts';

type Thing = { href: string; name: string; kind: string };
type Finder = { needs: OperationId; find: (search: string, signal: AbortSignal) => Promise<Thing[]> };

const limit = 5;
const finders: readonly Finder[] = [
  {
    needs: 'listApis',
    find: async (search, signal) =>
      (await answered(client.GET('/v1/apis', { signal, params: { query: { search, limit } } }))).items.map(({ api_id, name }) => ({
        href: `/apis/${api_id}`,
        name,
        kind: 'API',
      })),
  },
  {
    needs: 'listConsumers',
    find: async (search, signal) =>
      (await answered(client.GET('/v1/consumers', { signal, params: { query: { search, limit } } }))).items.map(({ consumer_id, name }) => ({
        href: `/access/consumers/${consumer_id}`,
        name,
        kind: 'Consumer',
      })),
  },
  {
    needs: 'listGateways',
    find: async (search, signal) =>
      (await answered(client.GET('/v1/gateways', { signal, params: { query: { search, limit } } }))).items.map(
        ({ gateway_id, instance_name: name }) => ({
          href: `/gateways/${gateway_id}`,
          name,
          kind: 'Gateway',
        }),
      ),
  },
];

/** What is called so, of the kinds that this session may read. */
export async function findThings(search: string, may: (operation: OperationId) => boolean, signal: AbortSignal): Promise<Thing[]> {
  const found = await Promise.all(finders.filter(({ needs }) => may(needs)).map(({ find }) => find(search, within(signal))));
  return found.flat();
}
