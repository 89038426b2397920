import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Consumer, Subscription } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { Destroy } from '../ground/destroy.tsx';
import { Dialog } from '../ground/dialog.tsx';
import { Part, When } from '../ground/facts.tsx';
import { answered, done, within } from '../ground/fault.ts';
import { Field, Form } from '../ground/form/form.tsx';
import { useForm } from '../ground/form/use-form.ts';
import { given } from '../ground/given.ts';
import { List } from '../ground/list/list.tsx';
import type { ListColumn, ListSpec } from '../ground/list/spec.ts';
import { RecentUsage } from '../ground/recent-usage.tsx';
import { useMay } from '../ground/session.ts';
import { Empty } from '../ground/states.tsx';
import { To } from '../ground/to.tsx';
import { subscribedTo } from './subscribed-to.ts';

const kindOf = (one: Subscription): string => subscribedTo(one).kind;
const whatOf = (one: Subscription): string => subscribedTo(one).name;

const what: ListColumn<Subscription> = { id: 'what', title: 'May call', text: whatOf };
const kind: ListColumn<Subscription> = { id: 'kind', title: 'Kind', text: kindOf };
const who: ListColumn<Subscription> = {
  id: 'who',
  title: 'Consumer',
  text: ({ consumer_name }) => consumer_name,
  show: ({ consumer_name, consumer_id }) => <To href={`/access/consumers/${consumer_id}`}>{consumer_name}</To>,
};
const since: ListColumn<Subscription> = {
  id: 'since',
  title: 'Since',
  text: ({ created_at }) => created_at,
  show: ({ created_at }) => <When at={created_at} />,
};
const by: ListColumn<Subscription> = {
  id: 'by',
  title: 'By',
  text: ({ created_by }) => created_by?.name ?? '',
  show: ({ created_by }) => created_by?.name ?? '–',
};

/** Subscriptions of one consumer or of all, with the way to end one. */
export function subscriptionList(consumer_id: string | undefined, end: ((one: Subscription) => void) | undefined): ListSpec<Subscription> {
  return {
    name: consumer_id === undefined ? 'Subscriptions' : `Subscriptions of ${consumer_id}`,
    idOf: ({ subscription_id }) => subscription_id,
    ...(consumer_id === undefined && { searches: 'Part of a name' }),
    read: ({ search, cursor }, limit, signal) =>
      answered(client.GET('/v1/subscriptions', { signal, params: { query: given({ consumer_id, search, cursor, limit }) } })),
    columns: [
      ...(consumer_id === undefined ? [who, what] : [what]),
      kind,
      since,
      by,
      ...(end === undefined
        ? []
        : [
            {
              id: 'actions',
              title: 'Actions',
              text: () => '',
              show: (one: Subscription) => (
                <button type="button" className="button button-small button-bad" onClick={() => end(one)}>
                  End<span className="visually-hidden"> the subscription to {whatOf(one)}</span>
                </button>
              ),
            },
          ]),
    ],
    empty: (
      <Empty title="No subscription yet">
        <p>A consumer may call what it is subscribed to: an API, a plan that offers several, an MCP server, or a tool set.</p>
      </Empty>
    ),
  };
}

/** What a consumer may call. */
export function Subscriptions({ consumer }: { consumer: Consumer }) {
  const [isAdding, setAdding] = useState(false);
  const may = useMay();
  const [ending, setEnding] = useState<Subscription>();
  return (
    <Part
      title="Subscriptions"
      actions={
        may('createSubscription') && (
          <button type="button" className="button" onClick={() => setAdding(true)}>
            Subscribe
          </button>
        )
      }
    >
      <List spec={subscriptionList(consumer.consumer_id, may('deleteSubscription') ? setEnding : undefined)} />
      {isAdding && <Subscribe consumer={consumer.name} onClose={() => setAdding(false)} />}
      {ending && <EndSubscription of={ending} onClose={() => setEnding(undefined)} />}
    </Part>
  );
}

export function EndSubscription({ of, onClose }: { of: Subscription; onClose: () => void }) {
  const cache = useQueryClient();
  return (
    <Destroy
      title="End a subscription"
      verb="End the subscription"
      name={of.consumer_name}
      onClose={onClose}
      destroy={async () => {
        const path = { subscription_id: of.subscription_id };
        await done(client.DELETE('/v1/subscriptions/{subscription_id}', { signal: within(), params: { path } }));
        await cache.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith('Subscriptions') });
      }}
    >
      <p>
        {of.consumer_name} may not call {whatOf(of)} any more, unless another subscription lets it.
      </p>
      <RecentUsage consumer_id={of.consumer_id} {...given({ api_id: of.api_id })} />
    </Destroy>
  );
}

const most = 200;

/** Subscribes a consumer, chosen here unless it is given, to an API, a plan, an MCP server or a tool set. */
export function Subscribe({ consumer, onClose }: { consumer?: string; onClose: () => void }) {
  const cache = useQueryClient();
  const choices = useQuery({ queryKey: ['subscribe', 'choices'], queryFn: ({ signal }) => readChoices(within(signal)) });
  const form = useForm({
    start: { consumer_name: consumer ?? '', to: '' },
    pointers: ['/body/consumer_name', '/body/api_id', '/body/plan_id', '/body/mcp_server_id', '/body/tool_set_id'],
    save: async ({ consumer_name = '', to = '' }) => {
      const [member = '', id = ''] = to.split(' ');
      await answered(client.POST('/v1/subscriptions', { signal: within(), body: { consumer_name: consumer_name.trim(), [member]: id } }));
      await cache.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith('Subscriptions') });
      onClose();
    },
  });
  return (
    <Dialog title={consumer === undefined ? 'Subscribe' : `Subscribe ${consumer}`} onClose={onClose}>
      <Form form={form} submit="Subscribe" onCancel={onClose} isReady={form.values['to'] !== ''}>
        {consumer === undefined && <Field form={form} name="consumer_name" label="Consumer" hint="Its name." isFirst />}
        <Field
          form={form}
          name="to"
          pointer="/body/api_id"
          label="May call"
          options={[['', choices.isPending ? 'Reading …' : 'Choose'], ...(choices.data ?? [])]}
        />
        {choices.error && <p className="field-fault">{choices.error.message}</p>}
      </Form>
    </Dialog>
  );
}

async function readChoices(signal: AbortSignal): Promise<(readonly [string, string])[]> {
  const init = { signal, params: { query: { limit: most } } };
  const [plans, apis, servers, sets] = await Promise.all([
    answered(client.GET('/v1/plans', init)),
    answered(client.GET('/v1/apis', init)),
    answered(client.GET('/v1/mcp-servers', init)),
    answered(client.GET('/v1/tool-sets', init)),
  ]);
  return [
    ...plans.items.map(({ plan_id, name }) => [`plan_id ${plan_id}`, `Plan: ${name}`] as const),
    ...apis.items.map(({ api_id, name }) => [`api_id ${api_id}`, `API: ${name}`] as const),
    ...servers.items.map(({ mcp_server_id, name }) => [`mcp_server_id ${mcp_server_id}`, `MCP server: ${name}`] as const),
    ...sets.items.map(({ tool_set_id, name }) => [`tool_set_id ${tool_set_id}`, `Tool set: ${name}`] as const),
  ];
}
