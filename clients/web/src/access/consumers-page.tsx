import { useState } from 'react';
import type { Consumer } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { Dialog } from '../ground/dialog.tsx';
import { When } from '../ground/facts.tsx';
import { answered } from '../ground/fault.ts';
import { Field, Form } from '../ground/form/form.tsx';
import { useForm } from '../ground/form/use-form.ts';
import { given } from '../ground/given.ts';
import { LabelList, labelsOf, labelsText } from '../ground/labels.tsx';
import { List } from '../ground/list/list.tsx';
import type { ListSpec } from '../ground/list/spec.ts';
import { Page } from '../ground/page.tsx';
import { useMay } from '../ground/session.ts';
import { Empty } from '../ground/states.tsx';
import { To, useGo } from '../ground/to.tsx';

export const consumerHref = (id: string): string => `/access/consumers/${id}`;

const consumers: ListSpec<Consumer> = {
  name: 'Consumers',
  searches: 'Part of a name',
  idOf: ({ consumer_id }) => consumer_id,
  read: ({ search, cursor }, limit, signal) => answered(client.GET('/v1/consumers', { signal, params: { query: given({ search, cursor, limit }) } })),
  columns: [
    { id: 'name', title: 'Name', text: ({ name }) => name, show: ({ name, consumer_id }) => <To href={consumerHref(consumer_id)}>{name}</To> },
    { id: 'team', title: 'Team', text: ({ team }) => team ?? '', show: ({ team }) => team ?? '–' },
    { id: 'labels', title: 'Labels', text: ({ labels }) => labelsText(labels), show: ({ labels }) => <LabelList labels={labels} /> },
    {
      id: 'key-ends',
      title: 'Key ends',
      text: ({ key_expires_at }) => key_expires_at ?? '',
      show: ({ key_expires_at }) => <When at={key_expires_at} />,
    },
    { id: 'created', title: 'Made', text: ({ created_at }) => created_at, show: ({ created_at }) => <When at={created_at} /> },
    { id: 'by', title: 'Made by', text: ({ created_by }) => created_by?.name ?? '', show: ({ created_by }) => created_by?.name ?? '–' },
    { id: 'id', title: 'Id', text: ({ consumer_id }) => consumer_id, isExtra: true },
  ],
  empty: (
    <Empty title="No consumer yet">
      <p>A consumer is a program, an agent or a partner that calls. It gets keys, and may call what it is subscribed to.</p>
    </Empty>
  ),
};

/** `/access/consumers`: who may call. */
export function ConsumersPage() {
  const [isAdding, setAdding] = useState(false);
  const may = useMay();
  return (
    <Page
      title="Consumers"
      lead="Programs, agents and partners that call, each with keys of its own."
      aside={
        may('createConsumer') && (
          <button type="button" className="button button-main" data-key="n" onClick={() => setAdding(true)}>
            New consumer
          </button>
        )
      }
    >
      <List spec={consumers} />
      {isAdding && <NewConsumer onClose={() => setAdding(false)} />}
    </Page>
  );
}

function NewConsumer({ onClose }: { onClose: () => void }) {
  const go = useGo();
  const form = useForm({
    draft: 'consumer',
    start: { name: '', labels: '' },
    pointers: ['/body/name', '/body/labels'],
    save: async ({ name = '', labels }) => {
      const made = await answered(client.POST('/v1/consumers', { body: { name: name.trim(), labels: labelsOf(labels) } }));
      onClose();
      go(consumerHref(made.consumer_id));
    },
  });
  return (
    <Dialog title="New consumer" onClose={onClose}>
      <Form form={form} submit="Make the consumer" onCancel={onClose}>
        <Field form={form} name="name" label="Name" hint="Lower case letters, digits and hyphens, as in support-agent." isFirst />
        <Field form={form} name="labels" label="Labels" hint="As in tier=gold, by spaces. Optional." />
      </Form>
    </Dialog>
  );
}
