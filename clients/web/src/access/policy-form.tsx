import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Policy, PolicyAttachment, PolicyRequest, PolicySpec } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { Dialog } from '../ground/dialog.tsx';
import { ApiFault, answered, isOutdated, within } from '../ground/fault.ts';
import { Checks, Field, Form, wordsOf } from '../ground/form/form.tsx';
import { useForm } from '../ground/form/use-form.ts';
import type { FormValues } from '../ground/form/use-form.ts';

const example = JSON.stringify({ kind: 'rate_limit', config: { limit: 100, window_s: 60 } }, null, 2);
const mostApis = 200;

/** Makes a policy, or changes one from the state that is shown. What the form does not show of where it is attached stays. */
export function PolicyForm({ onClose, ...opened }: { policy?: Policy; etag?: string | undefined; onClose: () => void }) {
  // What was there when the form was opened: the page behind it reads on.
  const [{ policy, etag }] = useState(opened);
  const cache = useQueryClient();
  const apis = useQuery({
    queryKey: ['policy', 'apis'],
    queryFn: async ({ signal }) => (await answered(client.GET('/v1/apis', { signal: within(signal), params: { query: { limit: mostApis } } }))).items,
  });
  const places = policy?.attached_to ?? [];
  const ofApis = places.filter(isApiAlone);
  const form = useForm({
    draft: `policy-${policy?.policy_id ?? 'new'}`,
    start: {
      name: policy?.name ?? '',
      policy: policy === undefined ? example : JSON.stringify(policy.policy, null, 2),
      attached_to: ofApis.map(({ api_id }) => api_id).join(' '),
    },
    pointers: ['/body/name', '/body/policy', '/body/attached_to'],
    save: async (values) => {
      const rest = places.filter((place) => !isApiAlone(place));
      const body = requestOf(values, rest, policy?.labels);
      const init = { signal: within(), body };
      if (policy === undefined) await answered(client.POST('/v1/policies', init));
      else {
        const header = etag === undefined ? {} : { 'If-Match': etag };
        const params = { path: { policy_id: policy.policy_id }, header };
        await answered(client.PUT('/v1/policies/{policy_id}', { ...init, params })).catch(async (error: unknown) => {
          if (isOutdated(error)) await cache.invalidateQueries({ queryKey: ['policy', policy.policy_id] });
          throw error;
        });
      }
      await cache.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).toLowerCase().startsWith('polic') });
      onClose();
    },
  });
  return (
    <Dialog title={policy === undefined ? 'New policy' : `Edit ${policy.name}`} onClose={onClose} isWide>
      <Form form={form} submit={policy === undefined ? 'Make the policy' : 'Save'} onCancel={onClose}>
        <Field form={form} name="name" label="Name" isFirst />
        <Field form={form} name="policy" label="Policy" lines={12} isCode hint="Its kind and its configuration, as JSON." />
        <Checks
          form={form}
          name="attached_to"
          legend="Attached to"
          options={(apis.data ?? []).map(({ api_id, name }) => [api_id, name] as const)}
          hint={places.length > ofApis.length ? 'Where else it is attached stays as it is.' : 'None chosen: it is kept, and holds nowhere.'}
        />
      </Form>
    </Dialog>
  );
}

const isApiAlone = (place: PolicyAttachment): place is PolicyAttachment & { api_id: string } =>
  place.api_id !== undefined && place.environment === undefined && place.mcp_server_id === undefined;

function requestOf(values: FormValues, rest: PolicyAttachment[], labels: Policy['labels'] | undefined): PolicyRequest {
  const { name = '', policy = '', attached_to } = values;
  return {
    name: name.trim(),
    policy: parsed(policy),
    attached_to: [...wordsOf(attached_to).map((api_id) => ({ api_id })), ...rest],
    ...(labels && { labels }),
  };
}

/** The server judges what it says; that it is JSON is asked here, since nothing else can be sent. */
function parsed(text: string): PolicySpec {
  try {
    return JSON.parse(text) as PolicySpec;
  } catch (error) {
    throw new ApiFault(400, 'The policy is not JSON.', [{ pointer: '/body/policy', message: (error as Error).message }]);
  }
}
