import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Consumer, ConsumerKey } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { Destroy } from '../ground/destroy.tsx';
import { Dialog } from '../ground/dialog.tsx';
import { Part, StateWord, When } from '../ground/facts.tsx';
import { answered, done, within } from '../ground/fault.ts';
import { Field, Form } from '../ground/form/form.tsx';
import { useForm } from '../ground/form/use-form.ts';
import { given } from '../ground/given.ts';
import { List } from '../ground/list/list.tsx';
import type { ListSpec } from '../ground/list/spec.ts';
import { RecentUsage } from '../ground/recent-usage.tsx';
import { Secret } from '../ground/secret.tsx';
import { useMay } from '../ground/session.ts';
import { Empty } from '../ground/states.tsx';

type Open = { what: 'mint' } | { what: 'rotate' | 'revoke'; key: ConsumerKey } | { what: 'secret'; secret: string };

/** The keys of a consumer: minted and shown once, rotated with an overlap, revoked with the hint typed. */
export function ConsumerKeys({ consumer: { consumer_id, name } }: { consumer: Consumer }) {
  const [open, setOpen] = useState<Open>();
  const cache = useQueryClient();
  const may = useMay();
  const close = () => setOpen(undefined);
  const refresh = () => cache.invalidateQueries({ queryKey: [keys.name] });
  const minted = async (secret: string) => {
    await refresh();
    setOpen({ what: 'secret', secret });
  };
  const keys = listOf(consumer_id, may('revokeConsumerKey') ? setOpen : undefined);
  return (
    <Part
      title="Keys"
      actions={
        may('createConsumerKey') && (
          <button type="button" className="button" data-key="n" onClick={() => setOpen({ what: 'mint' })}>
            Mint a key
          </button>
        )
      }
    >
      <List spec={keys} />
      {open?.what === 'mint' && <Mint consumer_id={consumer_id} onClose={close} onMinted={minted} />}
      {open?.what === 'rotate' && <Rotate consumer_id={consumer_id} of={open.key} onClose={close} onMinted={minted} />}
      {open?.what === 'secret' && <Secret title={`A key of ${name}`} secret={open.secret} onClose={close} />}
      {open?.what === 'revoke' && (
        <Destroy
          title="Revoke a key"
          verb="Revoke the key"
          name={open.key.hint}
          onClose={close}
          destroy={async () => {
            const path = { consumer_id, key_id: open.key.key_id };
            await done(client.DELETE('/v1/consumers/{consumer_id}/keys/{key_id}', { signal: within(), params: { path } }));
            await refresh();
          }}
        >
          <p>
            Whoever calls with <code>{open.key.hint}…</code> is refused as soon as the gateways know it, within seconds. A revoked key never works
            again.
          </p>
          <RecentUsage consumer_id={consumer_id} />
        </Destroy>
      )}
    </Part>
  );
}

const listOf = (consumer_id: string, choose: ((open: Open) => void) | undefined): ListSpec<ConsumerKey> => ({
  name: `Keys of ${consumer_id}`,
  idOf: ({ key_id }) => key_id,
  read: ({ cursor }, limit, signal) =>
    answered(client.GET('/v1/consumers/{consumer_id}/keys', { signal, params: { path: { consumer_id }, query: given({ cursor, limit }) } })),
  columns: [
    { id: 'hint', title: 'Key', text: ({ hint }) => hint, show: ({ hint }) => <code>{hint}…</code> },
    { id: 'state', title: 'State', text: ({ state }) => state, show: ({ state }) => <StateWord state={state} /> },
    { id: 'created', title: 'Minted', text: ({ created_at }) => created_at, show: ({ created_at }) => <When at={created_at} /> },
    { id: 'by', title: 'By', text: ({ created_by }) => created_by?.name ?? '', show: ({ created_by }) => created_by?.name ?? '–' },
    {
      id: 'ends',
      title: 'Ends',
      text: ({ revoked_at, expires_at }) => revoked_at ?? expires_at ?? '',
      show: ({ revoked_at, expires_at }) => <When at={revoked_at ?? expires_at} />,
    },
    ...(choose === undefined
      ? []
      : [
          {
            id: 'actions',
            title: 'Actions',
            text: () => '',
            show: (key: ConsumerKey) =>
              key.state === 'valid' && (
                <span className="list-actions">
                  <button type="button" className="button button-small" onClick={() => choose({ what: 'rotate', key })}>
                    Rotate<span className="visually-hidden"> {key.hint}</span>
                  </button>
                  <button type="button" className="button button-small button-bad" onClick={() => choose({ what: 'revoke', key })}>
                    Revoke<span className="visually-hidden"> {key.hint}</span>
                  </button>
                </span>
              ),
          },
        ]),
  ],
  empty: (
    <Empty title="No key yet">
      <p>Without a key it can call only where another credential is accepted, as a token of a trusted issuer.</p>
    </Empty>
  ),
});

type MintProps = { consumer_id: string; onClose: () => void; onMinted: (secret: string) => Promise<void> };
const instant = (text: string | undefined): string | undefined => (text ? new Date(text).toISOString() : undefined);

function Mint({ consumer_id, onClose, onMinted }: MintProps) {
  const form = useForm({
    start: { expires_at: '' },
    pointers: ['/body/expires_at'],
    save: async ({ expires_at }) => {
      const body = given({ expires_at: instant(expires_at) });
      const made = await answered(client.POST('/v1/consumers/{consumer_id}/keys', { signal: within(), params: { path: { consumer_id } }, body }));
      await onMinted(made.secret);
    },
  });
  return (
    <Dialog title="Mint a key" onClose={onClose}>
      <Form form={form} submit="Mint the key" onCancel={onClose}>
        <Field form={form} name="expires_at" label="Ends" type="datetime-local" hint="In your own time. Empty: until it is revoked." />
      </Form>
    </Dialog>
  );
}

function Rotate({ consumer_id, of, onClose, onMinted }: MintProps & { of: ConsumerKey }) {
  const form = useForm({
    start: { overlap_s: '86400' },
    pointers: ['/body/overlap_s'],
    save: async ({ overlap_s }) => {
      const params = { path: { consumer_id, key_id: of.key_id } };
      const body = { overlap_s: Number(overlap_s) };
      const made = await answered(client.POST('/v1/consumers/{consumer_id}/keys/{key_id}/rotate', { signal: within(), params, body }));
      await onMinted(made.secret);
    },
  });
  return (
    <Dialog title="Rotate a key" onClose={onClose}>
      <p>
        Mints another key in the place of <code>{of.hint}…</code>. Both work until the overlap is over.
      </p>
      <Form form={form} submit="Rotate the key" onCancel={onClose}>
        <Field
          form={form}
          name="overlap_s"
          label="The old key works on for"
          options={[
            ['3600', '1 hour'],
            ['86400', '1 day'],
            ['604800', '7 days'],
            ['2592000', '30 days'],
            ['0', 'no longer'],
          ]}
        />
      </Form>
    </Dialog>
  );
}
