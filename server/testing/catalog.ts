import type { Api, Consumer, Deployment, Policy, PolicyAttachment, PolicySpec, TargetSelector } from '@stoa/generated/schemas.ts';
import type { Answer, TestControlPlane } from './test-control-plane.ts';

/** What a refusal says. */
export type Refused = { code?: string; detail?: string; errors?: { pointer: string; message: string }[] };

export const nowhere = '00000000-0000-4000-8000-000000000000';

/** A sound document, of an API that offers the operations that are named. */
export const documentOf = (...operations: string[]) => ({
  openapi: '3.1.0',
  info: { title: 'Things', version: '1' },
  servers: [{ url: 'https://api.example.com' }],
  paths: Object.fromEntries(operations.map((id) => [`/${id}`, { get: { operationId: id, responses: { 200: { description: 'It.' } } } }])),
});

export const perMinute = (limit: number): PolicySpec => ({ kind: 'rate_limit', config: { limit, window_s: 60 } });

/** Makes what a catalog holds, with names of its own, as the administrator. */
export function makerIn(plane: TestControlPlane) {
  let names = 0;
  const nextName = (kind: string): string => `${kind}-${(names += 1)}`;
  const post = <T>(path: string, body: object): Promise<Answer<T & Refused>> => plane.request<T & Refused>('POST', path, { body });
  const made = async <T>(path: string, body: object): Promise<T> => {
    const answer = await post<T>(path, body);
    if (answer.status >= 300) throw new Error(`${path} answers ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  return {
    nextName,
    /** For what may be refused. */
    post,
    api: (more: object = {}) => made<Api>('/v1/apis', { name: nextName('api'), document: documentOf(), ...more }),
    consumer: () => made<Consumer>('/v1/consumers', { name: nextName('consumer') }),
    policy: (policy: PolicySpec = perMinute(5), attached_to: PolicyAttachment[] = [], name = nextName('policy')) =>
      made<Policy>('/v1/policies', { name, policy, attached_to }),
    deployment: ({ api_id }: Pick<Api, 'api_id'>, targets: TargetSelector, more: object = {}) =>
      made<Deployment>('/v1/deployments', { api_id, targets, ...more }),
  };
}
