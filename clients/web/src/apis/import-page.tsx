import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { useState } from 'react';
import type { Api, ApiRequest } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { answered, isOutdated, tagged } from '../ground/fault.ts';
import { Field, Form } from '../ground/form/form.tsx';
import { useForm } from '../ground/form/use-form.ts';
import type { FormValues } from '../ground/form/use-form.ts';
import { Page } from '../ground/page.tsx';
import { Failure, Loading } from '../ground/states.tsx';
import { useGo } from '../ground/to.tsx';
import { RevisionChanges } from './changes.tsx';
import { Drop } from './drop.tsx';
import { Operations } from './operations.tsx';

const apis = { href: '/apis', title: 'APIs' };
/** A large document is compiled on the server. */
const patienceMs = 60_000;

/** `/apis/import`: a document becomes an API, or a revision of `?api=ID`; `&revision=N` begins with an earlier document. Its tools and losses are shown before anything is saved. */
export function ImportPage() {
  const query = new URLSearchParams(useLocation().searchStr);
  const of = query.get('api') ?? undefined;
  const revision = query.get('revision') ?? undefined;
  const begin = useQuery({
    queryKey: ['import', of, revision],
    queryFn: () => readBegin(of!, revision),
    enabled: of !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (of === undefined)
    return (
      <Page
        title="Import an API"
        above={apis}
        lead="From its OpenAPI document, JSON or YAML. Nothing is saved before you have seen what becomes of it."
      >
        <Import />
      </Page>
    );
  const name = begin.data?.api.name ?? 'API';
  return (
    <Page
      title={revision === undefined ? `New revision of ${name}` : `Roll ${name} back to revision ${revision}`}
      above={{ href: `/apis/${of}`, title: name }}
      lead="Gateways where it is deployed follow at once, unless their deployment holds on to a revision. Nothing is saved before you have seen what changes."
    >
      {begin.error && <Failure error={begin.error} onRetry={() => void begin.refetch()} />}
      {begin.isPending && <Loading words="Loading the document" />}
      {begin.data && <Import api={begin.data.api} etag={begin.data.etag} text={begin.data.text} />}
    </Page>
  );
}

async function readBegin(api_id: string, revision: string | undefined): Promise<{ api: Api; etag: string | undefined; text: string }> {
  const signal = AbortSignal.timeout(patienceMs);
  const { value: api, etag } = await tagged(client.GET('/v1/apis/{api_id}', { signal, params: { path: { api_id } } }));
  const path = { api_id, revision: Number(revision) };
  const from = revision === undefined ? api : await answered(client.GET('/v1/apis/{api_id}/revisions/{revision}', { signal, params: { path } }));
  return { api, etag, text: JSON.stringify(from.document, null, 2) };
}

function Import({ text = '', ...opened }: { api?: Api; etag?: string | undefined; text?: string }) {
  // What was there when the page was opened: what is read anew is for the next time.
  const [{ api, etag }] = useState(opened);
  const [preview, setPreview] = useState<Api>();
  const cache = useQueryClient();
  const go = useGo();
  const send = async (values: FormValues, dry_run: boolean): Promise<Api> => {
    const init = { signal: AbortSignal.timeout(patienceMs), body: requestOf(values, api) };
    const params = { query: { dry_run } };
    if (api === undefined) return answered(client.POST('/v1/apis', { ...init, params }));
    const header = etag === undefined ? {} : { 'If-Match': etag };
    return answered(client.PUT('/v1/apis/{api_id}', { ...init, params: { ...params, path: { api_id: api.api_id }, header } })).catch(
      async (error: unknown) => {
        if (isOutdated(error)) await cache.invalidateQueries({ queryKey: ['import'] });
        throw error;
      },
    );
  };
  const form = useForm({
    // A document may be larger than what a tab keeps, and the preview is no draft.
    start: { document: text, name: api?.name ?? '', upstream_url: api?.given_upstream_url ?? '' },
    pointers: ['/body/document', '/body/name', '/body/upstream_url'],
    save: async (values) => {
      if (preview === undefined) {
        setPreview(await send(values, true));
        return;
      }
      const saved = await send(values, false);
      await cache.invalidateQueries({ predicate: ({ queryKey }) => ['APIs', 'api', 'import'].includes(String(queryKey[0])) });
      go(`/apis/${saved.api_id}`);
    },
  });
  if (preview !== undefined)
    return (
      <>
        <Form
          form={form}
          submit={api === undefined ? `Save ${preview.name}` : `Save it as a revision of ${preview.name}`}
          onCancel={() => setPreview(undefined)}
          cancel="Back to the document"
        >
          <p className="note note-quiet" role="status">
            This is what becomes of it. Nothing is saved yet. Upstream: <code>{preview.upstream_url}</code>
          </p>
        </Form>
        <div className="preview">
          {api && <RevisionChanges before={api} after={preview} />}
          <Operations api={preview} />
        </div>
      </>
    );
  return (
    <Form form={form} submit="Show what becomes of it" isReady={(form.values['document'] ?? '').trim() !== ''}>
      <Drop onText={(dropped) => form.set('document', dropped)}>
        <Field
          form={form}
          name="document"
          label="OpenAPI document"
          lines={16}
          isCode
          isFirst
          hint="OpenAPI 3.0 or 3.1, or Swagger 2.0, as JSON or YAML. Paste it, or drop a file here."
        />
      </Drop>
      <div className="form-pair">
        <Field form={form} name="name" label="Name" hint="Tools begin with it. Empty: made from the document’s title." />
        <Field form={form} name="upstream_url" label="Upstream" hint="Where the API answers. Empty: the first server of the document." />
      </div>
    </Form>
  );
}

/** What is asked for. A revision keeps all that the form does not show. */
function requestOf({ document = '', name = '', upstream_url = '' }: FormValues, api: Api | undefined): ApiRequest {
  return {
    document,
    ...(name.trim() !== '' && { name: name.trim() }),
    ...(upstream_url.trim() !== '' && { upstream_url: upstream_url.trim() }),
    ...(api && { labels: api.labels, open_to_all_consumers: api.open_to_all_consumers }),
    ...(api?.team !== undefined && { team: api.team }),
    ...(api?.lifecycle !== undefined && { lifecycle: api.lifecycle }),
  };
}
