import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Plan } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { Destroy } from '../ground/destroy.tsx';
import { Dialog } from '../ground/dialog.tsx';
import { StateWord, When } from '../ground/facts.tsx';
import { answered, done, tagged, within } from '../ground/fault.ts';
import { Checks, Field, Form, wordsOf } from '../ground/form/form.tsx';
import { useForm } from '../ground/form/use-form.ts';
import { given } from '../ground/given.ts';
import { List } from '../ground/list/list.tsx';
import type { ListSpec } from '../ground/list/spec.ts';
import { Page } from '../ground/page.tsx';
import { useMay } from '../ground/session.ts';
import { Empty, Failure, Loading } from '../ground/states.tsx';

type Open = { what: 'new' } | { what: 'edit' | 'delete'; plan: Plan };
const most = 200;

/** `/access/plans`: what is offered together, under which limits. */
export function PlansPage() {
  const [open, setOpen] = useState<Open>();
  const may = useMay();
  const cache = useQueryClient();
  const close = () => setOpen(undefined);
  return (
    <Page
      title="Plans"
      lead="APIs that are offered together, under the policies that hold for whoever subscribes."
      aside={
        may('createPlan') && (
          <button type="button" className="button button-main" data-key="n" onClick={() => setOpen({ what: 'new' })}>
            New plan
          </button>
        )
      }
    >
      <List spec={listOf(may('editPlan') ? setOpen : undefined)} />
      {open?.what === 'new' && <PlanForm onClose={close} />}
      {open?.what === 'edit' && <EditPlan plan={open.plan} onClose={close} />}
      {open?.what === 'delete' && (
        <Destroy
          title={`Delete ${open.plan.name}`}
          verb="Delete the plan"
          name={open.plan.name}
          onClose={close}
          destroy={async () => {
            await done(client.DELETE('/v1/plans/{plan_id}', { signal: within(), params: { path: { plan_id: open.plan.plan_id } } }));
            await cache.invalidateQueries({ queryKey: ['Plans'] });
          }}
        >
          <p>Whoever calls by a subscription to it may not call any more, unless another subscription lets him.</p>
        </Destroy>
      )}
    </Page>
  );
}

const listOf = (choose: ((open: Open) => void) | undefined): ListSpec<Plan> => ({
  name: 'Plans',
  searches: 'Part of a name',
  idOf: ({ plan_id }) => plan_id,
  read: ({ search, cursor }, limit, signal) => answered(client.GET('/v1/plans', { signal, params: { query: given({ search, cursor, limit }) } })),
  columns: [
    {
      id: 'name',
      title: 'Name',
      text: ({ name }) => name,
      show: ({ name, description }) => (
        <>
          {name}
          {description && <span className="sub">{description}</span>}
        </>
      ),
    },
    { id: 'apis', title: 'APIs', text: ({ api_ids }) => String(api_ids.length), isNumber: true },
    { id: 'policies', title: 'Policies', text: ({ policy_ids }) => String(policy_ids.length), isNumber: true },
    { id: 'state', title: 'State', text: ({ state }) => state ?? '', show: ({ state }) => <StateWord state={state} /> },
    { id: 'updated', title: 'Changed', text: ({ updated_at }) => updated_at, show: ({ updated_at }) => <When at={updated_at} /> },
    ...(choose === undefined
      ? []
      : [
          {
            id: 'actions',
            title: 'Actions',
            text: () => '',
            show: (plan: Plan) => (
              <span className="list-actions">
                <button type="button" className="button button-small" onClick={() => choose({ what: 'edit', plan })}>
                  Edit<span className="visually-hidden"> {plan.name}</span>
                </button>
                <button type="button" className="button button-small button-bad" onClick={() => choose({ what: 'delete', plan })}>
                  Delete<span className="visually-hidden"> {plan.name}</span>
                </button>
              </span>
            ),
          },
        ]),
  ],
  empty: (
    <Empty title="No plan yet">
      <p>A plan offers several APIs at once, each consumer with limits of its own.</p>
    </Empty>
  ),
});

/** Reads the plan anew: a list says nothing of which state it is, and saving over another one has to be noticed. */
function EditPlan({ plan: { plan_id, name }, onClose }: { plan: Plan; onClose: () => void }) {
  const read = useQuery({
    queryKey: ['plan', plan_id],
    queryFn: ({ signal }) => tagged(client.GET('/v1/plans/{plan_id}', { signal: within(signal), params: { path: { plan_id } } })),
    gcTime: 0,
  });
  if (read.data !== undefined) return <PlanForm plan={read.data.value} etag={read.data.etag} onClose={onClose} />;
  return (
    <Dialog title={`Edit ${name}`} onClose={onClose}>
      {read.error ? <Failure error={read.error} onRetry={() => void read.refetch()} /> : <Loading words="Loading the plan" />}
    </Dialog>
  );
}

function PlanForm({ onClose, ...opened }: { plan?: Plan; etag?: string | undefined; onClose: () => void }) {
  // What was there when the form was opened: it is read on meanwhile.
  const [{ plan, etag }] = useState(opened);
  const cache = useQueryClient();
  const choices = useQuery({ queryKey: ['plan', 'choices'], queryFn: ({ signal }) => readChoices(within(signal)) }).data;
  const form = useForm({
    draft: `plan-${plan?.plan_id ?? 'new'}`,
    start: {
      name: plan?.name ?? '',
      description: plan?.description ?? '',
      api_ids: plan?.api_ids.join(' ') ?? '',
      policy_ids: plan?.policy_ids.join(' ') ?? '',
    },
    pointers: ['/body/name', '/body/description', '/body/api_ids', '/body/policy_ids'],
    save: async ({ name = '', description = '', api_ids, policy_ids }) => {
      const lists = { name: name.trim(), api_ids: wordsOf(api_ids), policy_ids: wordsOf(policy_ids) };
      const said = description.trim();
      if (plan === undefined) await answered(client.POST('/v1/plans', { signal: within(), body: { ...lists, ...(said && { description: said }) } }));
      else {
        const params = { path: { plan_id: plan.plan_id }, header: etag === undefined ? {} : { 'If-Match': etag } };
        await answered(client.PATCH('/v1/plans/{plan_id}', { signal: within(), params, body: { ...lists, description: said || null } }));
      }
      await cache.invalidateQueries({ queryKey: ['Plans'] });
      onClose();
    },
  });
  return (
    <Dialog title={plan === undefined ? 'New plan' : `Edit ${plan.name}`} onClose={onClose}>
      <Form form={form} submit={plan === undefined ? 'Make the plan' : 'Save'} onCancel={onClose}>
        <Field form={form} name="name" label="Name" hint="Lower case letters, digits and hyphens, as in gold." isFirst />
        <Field form={form} name="description" label="Description" lines={2} />
        <Checks form={form} name="api_ids" legend="APIs" options={choices?.apis ?? []} />
        <Checks form={form} name="policy_ids" legend="Policies" options={choices?.policies ?? []} hint="They hold for each subscriber by itself." />
      </Form>
    </Dialog>
  );
}

async function readChoices(signal: AbortSignal) {
  const init = { signal, params: { query: { limit: most } } };
  const [apis, policies] = await Promise.all([answered(client.GET('/v1/apis', init)), answered(client.GET('/v1/policies', init))]);
  return {
    apis: apis.items.map(({ api_id, name }) => [api_id, name] as const),
    policies: policies.items.map(({ policy_id, name }) => [policy_id, name] as const),
  };
}
