import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Consumer } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { usePart } from '../ground/address.ts';
import { Destroy } from '../ground/destroy.tsx';
import { Facts, When } from '../ground/facts.tsx';
import { done, tagged, within } from '../ground/fault.ts';
import { LabelList } from '../ground/labels.tsx';
import { Page } from '../ground/page.tsx';
import { RecentUsage } from '../ground/recent-usage.tsx';
import { useMay } from '../ground/session.ts';
import { Failure, Loading } from '../ground/states.tsx';
import { useGo } from '../ground/to.tsx';
import { ConsumerKeys } from './consumer-keys.tsx';
import { EditConsumer } from './edit-consumer.tsx';
import { Subscriptions } from './subscriptions.tsx';

const above = { href: '/access/consumers', title: 'Consumers' };

/** `/access/consumers/ID`: one consumer, its keys, and what it may call. */
export function ConsumerPage() {
  const consumer_id = usePart('consumer_id');
  const params = { path: { consumer_id } };
  const read = () => tagged(client.GET('/v1/consumers/{consumer_id}', { signal: within(), params }));
  const consumer = useQuery({ queryKey: ['consumer', consumer_id], queryFn: read });
  const cache = useQueryClient();
  const go = useGo();
  const may = useMay();
  const [open, setOpen] = useState<'edit' | 'delete'>();
  const close = () => setOpen(undefined);
  if (consumer.data === undefined)
    return (
      <Page title="Consumer" above={above}>
        {consumer.error ? <Failure error={consumer.error} onRetry={() => void consumer.refetch()} /> : <Loading words="Loading the consumer" />}
      </Page>
    );
  const { value, etag } = consumer.data;
  return (
    <Page
      title={value.name}
      above={above}
      aside={
        <>
          {may('editConsumer') && (
            <button type="button" className="button button-quiet" onClick={() => setOpen('edit')}>
              Edit
            </button>
          )}
          {may('deleteConsumer') && (
            <button type="button" className="button button-bad" onClick={() => setOpen('delete')}>
              Delete
            </button>
          )}
        </>
      }
    >
      <ConsumerFacts consumer={value} />
      {may('listConsumerKeys') && <ConsumerKeys consumer={value} />}
      {may('listSubscriptions') && <Subscriptions consumer={value} />}
      {open === 'edit' && <EditConsumer consumer={value} etag={etag} read={read} onClose={close} />}
      {open === 'delete' && (
        <Destroy
          title={`Delete ${value.name}`}
          verb="Delete the consumer"
          name={value.name}
          onClose={close}
          destroy={async () => {
            await done(client.DELETE('/v1/consumers/{consumer_id}', { signal: within(), params }));
            await cache.invalidateQueries({ queryKey: ['Consumers'] });
            go(above.href);
          }}
        >
          <p>Its keys and its subscriptions end with it. Whoever calls as it is refused from then on.</p>
          <RecentUsage consumer_id={consumer_id} />
        </Destroy>
      )}
    </Page>
  );
}

function ConsumerFacts({ consumer: { consumer_id, team, labels, certificates, tool_exposure, created_at, created_by } }: { consumer: Consumer }) {
  return (
    <Facts
      facts={[
        ['Team', team],
        ['Labels', <LabelList key="labels" labels={labels} />],
        ['Client certificates', certificates && JSON.stringify(certificates)],
        ['Shown of tools', tool_exposure && JSON.stringify(tool_exposure).replaceAll('"', '')],
        ['Made', <When key="when" at={created_at} />],
        ['Made by', created_by?.name],
        ['Id', <code key="id">{consumer_id}</code>],
      ]}
    />
  );
}
