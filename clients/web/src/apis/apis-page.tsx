import type { Api } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { StateWord, When } from '../ground/facts.tsx';
import { answered } from '../ground/fault.ts';
import { given } from '../ground/given.ts';
import { LabelList, labelsText } from '../ground/labels.tsx';
import { List } from '../ground/list/list.tsx';
import type { ListSpec } from '../ground/list/spec.ts';
import { Page } from '../ground/page.tsx';
import { formatCount } from '../ground/recent-usage.tsx';
import { useMay } from '../ground/session.ts';
import { Empty } from '../ground/states.tsx';
import { To } from '../ground/to.tsx';
import { LifecycleWord } from './lifecycle.tsx';

const apis: ListSpec<Api> = {
  name: 'APIs',
  searches: 'Part of a name or title',
  idOf: ({ api_id }) => api_id,
  read: ({ search, cursor }, limit, signal) => answered(client.GET('/v1/apis', { signal, params: { query: given({ search, cursor, limit }) } })),
  columns: [
    {
      id: 'name',
      title: 'Name',
      text: ({ name }) => name,
      show: ({ name, title, api_id }) => (
        <>
          <To href={`/apis/${api_id}`}>{name}</To>
          <span className="sub">{title}</span>
        </>
      ),
    },
    {
      id: 'version',
      title: 'Version',
      text: ({ version }) => version,
      show: ({ version, lifecycle }) => (
        <>
          {version} <LifecycleWord lifecycle={lifecycle} />
        </>
      ),
    },
    { id: 'state', title: 'State', text: ({ state }) => state ?? '', show: ({ state }) => <StateWord state={state} /> },
    { id: 'tools', title: 'Tools', text: ({ tools }) => String(tools), show: ({ tools }) => formatCount(tools), isNumber: true },
    {
      id: 'tokens',
      title: 'Tokens',
      text: ({ list_tokens }) => String(list_tokens),
      show: ({ list_tokens }) => formatCount(list_tokens),
      isNumber: true,
    },
    { id: 'revision', title: 'Revision', text: ({ revision }) => String(revision), isNumber: true },
    { id: 'updated', title: 'Changed', text: ({ updated_at }) => updated_at, show: ({ updated_at }) => <When at={updated_at} /> },
    { id: 'team', title: 'Team', text: ({ team }) => team ?? '', show: ({ team }) => team ?? '–', isExtra: true },
    { id: 'labels', title: 'Labels', text: ({ labels }) => labelsText(labels), show: ({ labels }) => <LabelList labels={labels} />, isExtra: true },
    { id: 'upstream', title: 'Upstream', text: ({ upstream_url }) => upstream_url, isExtra: true },
    { id: 'id', title: 'Id', text: ({ api_id }) => api_id, isExtra: true },
  ],
  empty: (
    <Empty title="No API yet">
      <p>
        An API is described once, by its OpenAPI document, and served from then on by every gateway that you choose: to programs as REST, to agents as
        tools.
      </p>
      <To className="button button-main" href="/apis/import">
        Import an API
      </To>
    </Empty>
  ),
};

/** `/apis`: what is defined. */
export function ApisPage() {
  const may = useMay();
  return (
    <Page
      title="APIs"
      lead="What is defined, what of it is served, and what it costs a model to read its tools."
      aside={
        may('createApi') && (
          <To className="button button-main" href="/apis/import" data-key="n">
            Import an API
          </To>
        )
      }
    >
      <List spec={apis} />
    </Page>
  );
}
