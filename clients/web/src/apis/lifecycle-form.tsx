import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Api, ApiLifecycle } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { Dialog } from '../ground/dialog.tsx';
import { answered, isOutdated, within } from '../ground/fault.ts';
import { Field, Form } from '../ground/form/form.tsx';
import { useForm } from '../ground/form/use-form.ts';
import type { FormValues } from '../ground/form/use-form.ts';

const names = ['version_of', 'version', 'deprecated_at', 'sunset_at', 'successor', 'information_url'] as const;

/** An instant as a field of the browser takes it, in the reader's own time. */
function localTime(instant: string | undefined): string {
  if (instant === undefined) return '';
  const date = new Date(instant);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Which version of what an API is, since when it is deprecated, and when it ends. */
export function LifecycleForm({ onClose, ...opened }: { api: Api; etag: string | undefined; onClose: () => void }) {
  // What was there when the form was opened: the page behind it reads on.
  const [{ api, etag }] = useState(opened);
  const cache = useQueryClient();
  const { lifecycle = {} } = api;
  const form = useForm({
    draft: `lifecycle-${api.api_id}`,
    start: {
      ...Object.fromEntries(names.map((name) => [name, lifecycle[name] ?? ''])),
      deprecated_at: localTime(lifecycle.deprecated_at),
      sunset_at: localTime(lifecycle.sunset_at),
    },
    pointers: names.map((name) => `/body/lifecycle/${name}`),
    save: async (values) => {
      const params = { path: { api_id: api.api_id }, header: etag === undefined ? {} : { 'If-Match': etag } };
      const again = () => cache.invalidateQueries({ queryKey: ['api', api.api_id] });
      await answered(client.PATCH('/v1/apis/{api_id}', { signal: within(), params, body: { lifecycle: lifecycleOf(values) } })).catch(
        async (error: unknown) => {
          if (isOutdated(error)) await again();
          throw error;
        },
      );
      await again();
      onClose();
    },
  });
  const at = (name: (typeof names)[number]) => ({ form, name, pointer: `/body/lifecycle/${name}` });
  return (
    <Dialog title={`Lifecycle of ${api.name}`} onClose={onClose}>
      <Form form={form} submit="Save" onCancel={onClose}>
        <div className="form-pair">
          <Field {...at('version_of')} label="Version of" hint="What is versioned, as in orders." isFirst />
          <Field {...at('version')} label="Version" hint="As in v2." />
        </div>
        <Field {...at('deprecated_at')} label="Deprecated since" type="datetime-local" hint="Answers say so from then on (Deprecation)." />
        <Field {...at('sunset_at')} label="Ends" type="datetime-local" hint="Answers announce it (Sunset). It is served on until it is withdrawn." />
        <Field {...at('successor')} label="Successor" hint="The API to go to." />
        <Field {...at('information_url')} label="Where one reads about it" />
      </Form>
    </Dialog>
  );
}

function lifecycleOf(values: FormValues): ApiLifecycle | null {
  const given = names.flatMap((name) => {
    const text = values[name]?.trim();
    if (!text) return [];
    return [[name, name.endsWith('_at') ? new Date(text).toISOString() : text] as const];
  });
  return given.length === 0 ? null : Object.fromEntries(given);
}
