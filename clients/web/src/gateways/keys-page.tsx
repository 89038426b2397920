import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { GatewayKey, GatewayMode } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { Destroy } from '../ground/destroy.tsx';
import { Dialog } from '../ground/dialog.tsx';
import { StateWord, When } from '../ground/facts.tsx';
import { answered, done, within } from '../ground/fault.ts';
import { Checks, Field, Form, wordsOf } from '../ground/form/form.tsx';
import { useForm } from '../ground/form/use-form.ts';
import { given } from '../ground/given.ts';
import { List } from '../ground/list/list.tsx';
import type { ListSpec } from '../ground/list/spec.ts';
import { Page } from '../ground/page.tsx';
import { Secret } from '../ground/secret.tsx';
import { useMay } from '../ground/session.ts';
import { Empty } from '../ground/states.tsx';
import { gatewayModes } from './modes.ts';

type Open = { what: 'mint' } | { what: 'revoke'; key: GatewayKey } | { what: 'secret'; secret: string };

/** `/gateways/keys`: what gateways register with. */
export function GatewayKeysPage() {
  const [open, setOpen] = useState<Open>();
  const may = useMay();
  const cache = useQueryClient();
  const close = () => setOpen(undefined);
  const refresh = () => cache.invalidateQueries({ queryKey: ['Gateway keys'] });
  const minted = async (secret: string) => {
    await refresh();
    setOpen({ what: 'secret', secret });
  };
  return (
    <Page
      title="Gateway keys"
      lead="What gateways register with: each for the modes, environments and the name that it is narrowed to."
      aside={
        may('createGatewayKey') && (
          <button type="button" className="button button-main" data-key="n" onClick={() => setOpen({ what: 'mint' })}>
            Mint a key
          </button>
        )
      }
    >
      <List spec={listOf(may('revokeGatewayKey') ? (key) => setOpen({ what: 'revoke', key }) : undefined)} />
      {open?.what === 'mint' && <MintGatewayKey onClose={close} onMinted={minted} />}
      {open?.what === 'secret' && <Secret title="A gateway key" secret={open.secret} onClose={close} />}
      {open?.what === 'revoke' && (
        <Destroy
          title="Revoke a gateway key"
          verb="Revoke the key"
          name={open.key.name}
          onClose={close}
          destroy={async () => {
            await done(client.DELETE('/v1/gateway-keys/{key_id}', { signal: within(), params: { path: { key_id: open.key.key_id } } }));
            await refresh();
          }}
        >
          <p>Gateways that registered with it are refused: they keep serving what they have, and are told nothing more.</p>
          {open.key.last_used_at ? (
            <p>
              It was last used <When at={open.key.last_used_at} />.
            </p>
          ) : (
            <p>Nobody has used it.</p>
          )}
        </Destroy>
      )}
    </Page>
  );
}

const listOf = (revoke: ((key: GatewayKey) => void) | undefined): ListSpec<GatewayKey> => ({
  name: 'Gateway keys',
  searches: 'Part of a name',
  idOf: ({ key_id }) => key_id,
  read: ({ search, cursor }, limit, signal) =>
    answered(client.GET('/v1/gateway-keys', { signal, params: { query: given({ search, cursor, limit }) } })),
  columns: [
    {
      id: 'name',
      title: 'Name',
      text: ({ name }) => name,
      show: ({ name, hint }) => (
        <>
          {name}
          <span className="sub">
            <code>{hint}…</code>
          </span>
        </>
      ),
    },
    { id: 'modes', title: 'Modes', text: ({ modes }) => modes.join(' ') || 'any' },
    { id: 'environments', title: 'Environments', text: ({ environments }) => environments.join(' ') || 'any' },
    { id: 'instance', title: 'Instance', text: ({ instance_name }) => instance_name ?? '', show: ({ instance_name }) => instance_name ?? '–' },
    { id: 'state', title: 'State', text: ({ state }) => state, show: ({ state }) => <StateWord state={state} /> },
    { id: 'used', title: 'Last used', text: ({ last_used_at }) => last_used_at ?? '', show: ({ last_used_at }) => <When at={last_used_at} /> },
    { id: 'ends', title: 'Ends', text: ({ expires_at }) => expires_at ?? '', show: ({ expires_at }) => <When at={expires_at} /> },
    {
      id: 'by',
      title: 'Minted by',
      text: ({ created_by }) => created_by?.name ?? '',
      show: ({ created_by }) => created_by?.name ?? '–',
      isExtra: true,
    },
    ...(revoke === undefined
      ? []
      : [
          {
            id: 'actions',
            title: 'Actions',
            text: () => '',
            show: (key: GatewayKey) =>
              key.state === 'valid' && (
                <button type="button" className="button button-small button-bad" onClick={() => revoke(key)}>
                  Revoke<span className="visually-hidden"> {key.name}</span>
                </button>
              ),
          },
        ]),
  ],
  empty: (
    <Empty title="No gateway key yet">
      <p>A gateway needs one to register.</p>
    </Empty>
  ),
});

function MintGatewayKey({ onClose, onMinted }: { onClose: () => void; onMinted: (secret: string) => Promise<void> }) {
  const form = useForm({
    start: { name: '', modes: '', environments: '', instance_name: '' },
    pointers: ['/body/name', '/body/modes', '/body/environments', '/body/instance_name'],
    save: async ({ name = '', modes, environments, instance_name }) => {
      const body = { name: name.trim(), modes: wordsOf(modes) as GatewayMode[], environments: wordsOf(environments) };
      const of = instance_name?.trim() ? { instance_name: instance_name.trim() } : {};
      await onMinted((await answered(client.POST('/v1/gateway-keys', { signal: within(), body: { ...body, ...of } }))).secret);
    },
  });
  return (
    <Dialog title="Mint a gateway key" onClose={onClose}>
      <Form form={form} submit="Mint the key" onCancel={onClose}>
        <Field form={form} name="name" label="Name" hint="What it is for, as in production kongs." isFirst />
        <Checks form={form} name="modes" legend="Modes" options={gatewayModes} hint="None chosen: any." />
        <Field form={form} name="environments" label="Environments" hint="By spaces. Empty: any." />
        <Field form={form} name="instance_name" label="Instance" hint="The one name that may register with it. Empty: any." />
      </Form>
    </Dialog>
  );
}
