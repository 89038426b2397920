import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Consumer } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { Dialog } from '../ground/dialog.tsx';
import { answered, isOutdated, within } from '../ground/fault.ts';
import type { Tagged } from '../ground/fault.ts';
import { Conflict } from '../ground/form/conflict.tsx';
import { Field, Form } from '../ground/form/form.tsx';
import { useForm } from '../ground/form/use-form.ts';
import type { FormValues } from '../ground/form/use-form.ts';
import { labelsOf, labelsText } from '../ground/labels.tsx';

type EditProps = { consumer: Consumer; etag: string | undefined; read: () => Promise<Tagged<Consumer>>; onClose: () => void };

const fields = [
  ['name', 'Name'],
  ['team', 'Team'],
  ['labels', 'Labels'],
] as const;
const valuesOf = ({ name, team, labels }: Consumer): FormValues => ({ name, team: team ?? '', labels: labelsText(labels) });

/** Changes a consumer from the state that is shown; where somebody else changed it meanwhile it shows what, and asks. */
export function EditConsumer({ consumer, etag, read, onClose }: EditProps) {
  const cache = useQueryClient();
  const [base] = useState(() => valuesOf(consumer));
  const [now, setNow] = useState<{ etag: string | undefined; theirs?: FormValues }>({ etag });
  const save = async ({ name = '', team = '', labels }: FormValues, ifMatch: string | undefined) => {
    const headers = ifMatch === undefined ? {} : { 'If-Match': ifMatch };
    const body = { name: name.trim(), team: team.trim() || null, labels: labelsOf(labels) };
    const params = { path: { consumer_id: consumer.consumer_id }, header: headers };
    await answered(client.PATCH('/v1/consumers/{consumer_id}', { signal: within(), params, body }));
    await cache.invalidateQueries({ queryKey: ['consumer', consumer.consumer_id] });
    await cache.invalidateQueries({ queryKey: ['Consumers'] });
    onClose();
  };
  const form = useForm({
    draft: `consumer-${consumer.consumer_id}`,
    start: base,
    pointers: ['/body/name', '/body/team', '/body/labels'],
    save: async (values) => {
      try {
        await save(values, now.etag);
      } catch (error) {
        if (isOutdated(error)) {
          const found = await read();
          setNow({ etag: found.etag, theirs: valuesOf(found.value) });
        }
        throw error;
      }
    },
  });
  return (
    <Dialog title={`Edit ${consumer.name}`} onClose={onClose}>
      {form.isConflict && now.theirs ? (
        <Conflict
          fields={fields}
          before={base}
          theirs={now.theirs}
          mine={form.values}
          onMine={() => void form.submit()}
          onTheirs={() => {
            sessionStorage.removeItem(`stoa-draft-consumer-${consumer.consumer_id}`);
            void cache.invalidateQueries({ queryKey: ['consumer', consumer.consumer_id] });
            onClose();
          }}
        />
      ) : (
        <Form form={form} submit="Save" onCancel={onClose}>
          <Field form={form} name="name" label="Name" isFirst />
          <Field form={form} name="team" label="Team" hint="Whose it is; empty for nobody’s." />
          <Field form={form} name="labels" label="Labels" hint="As in tier=gold, by spaces." />
        </Form>
      )}
    </Dialog>
  );
}
