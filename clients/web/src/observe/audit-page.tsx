import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { AuditRecord } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { formatExact } from '../fleet/times.ts';
import { Dialog } from '../ground/dialog.tsx';
import { answered } from '../ground/fault.ts';
import { given } from '../ground/given.ts';
import { List } from '../ground/list/list.tsx';
import type { ListSpec } from '../ground/list/spec.ts';
import { Page } from '../ground/page.tsx';
import { formatCount } from '../ground/recent-usage.tsx';
import { Empty } from '../ground/states.tsx';
import { visible } from '../mcp/visible.ts';

const kinds = ['change', 'sign-in', 'refusal', 'key-use', 'export'] as const;
const outcomes = ['done', 'refused', 'failed'] as const;
const outcomeTones: Readonly<Record<string, string>> = { done: 'good', refused: 'warn', failed: 'bad' };
const pairs = (values: readonly string[]) => values.map((value) => [value, value.replaceAll('-', ' ')] as const);

/** `/observe/audit`: who did what, when and from where; and whether all of it is as it was written. */
export function AuditPage() {
  const [shown, setShown] = useState<AuditRecord>();
  return (
    <Page title="Audit" lead="Who did what, from where. Each record holds the hash of the one before it." aside={<Verify />}>
      <List spec={listOf(setShown)} />
      {shown && <Record record={shown} onClose={() => setShown(undefined)} />}
    </Page>
  );
}

const listOf = (show: (record: AuditRecord) => void): ListSpec<AuditRecord> => ({
  name: 'Audit',
  idOf: ({ seq }) => String(seq),
  filters: [
    { name: 'kind', title: 'Kind', any: 'All', options: pairs(kinds) },
    { name: 'outcome', title: 'Outcome', any: 'All', options: pairs(outcomes) },
  ],
  read: ({ kind, outcome, cursor }, limit, signal) => {
    const query = given({ kind: kinds.find((one) => one === kind), outcome: outcomes.find((one) => one === outcome), cursor, limit });
    return answered(client.GET('/v1/audit', { signal, params: { query } }));
  },
  columns: [
    { id: 'at', title: 'When', text: ({ at }) => at, show: ({ at }) => <time dateTime={at}>{formatExact(at)}</time> },
    {
      id: 'action',
      title: 'What',
      text: ({ action }) => action,
      show: (record) => (
        <button type="button" className="as-link unbroken" onClick={() => show(record)}>
          {record.action}
          <span className="visually-hidden"> of record {record.seq}</span>
        </button>
      ),
    },
    {
      id: 'object',
      title: 'Of',
      text: ({ object }) => object?.name ?? object?.id ?? '',
      show: ({ object }) => (object ? `${object.kind} ${visible(object.name ?? object.id ?? '')}` : '–'),
    },
    { id: 'actor', title: 'Who', text: actorText, show: (record) => visible(actorText(record)) },
    {
      id: 'address',
      title: 'From',
      text: ({ actor }) => actor.address ?? '',
      show: ({ actor }) => <span className="unbroken">{actor.address ?? '–'}</span>,
    },
    {
      id: 'outcome',
      title: 'Outcome',
      text: ({ outcome }) => outcome,
      show: ({ outcome }) => <span className={`tone-${outcomeTones[outcome]}`}>{outcome}</span>,
    },
    { id: 'kind', title: 'Kind', text: ({ kind }) => kind, isExtra: true },
    { id: 'client', title: 'By program', text: ({ actor }) => actor.client ?? '', isExtra: true },
    { id: 'seq', title: 'Number', text: ({ seq }) => String(seq), isNumber: true, isExtra: true },
  ],
  empty: <Empty title="Nothing was recorded yet" />,
});

function actorText({ actor: { kind, name, id } }: AuditRecord): string {
  return name ?? (kind === 'nobody' ? 'nobody known' : `${kind.replaceAll('_', ' ')} ${id ?? ''}`);
}

function Record({ record, onClose }: { record: AuditRecord; onClose: () => void }) {
  const parts = (['detail', 'before', 'after'] as const).filter((name) => record[name] !== undefined);
  return (
    <Dialog title={`Record ${record.seq}: ${record.action}`} onClose={onClose} isWide>
      {parts.length === 0 && <p className="sub">It holds no state.</p>}
      {parts.map((name) => (
        <div key={name}>
          <h3>{name === 'detail' ? 'Detail' : name === 'before' ? 'Before' : 'After'}</h3>
          <pre tabIndex={0} aria-label={name}>
            <code>{visible(JSON.stringify(record[name], null, 2))}</code>
          </pre>
        </div>
      ))}
      <p className="sub">
        Hash <code className="wrap">{record.hash}</code>
        {record.request_id && (
          <>
            , request <code className="wrap">{record.request_id}</code>
          </>
        )}
      </p>
    </Dialog>
  );
}

const patienceMs = 120_000;

function Verify() {
  const verify = useMutation({ mutationFn: () => answered(client.GET('/v1/audit/verification', { signal: AbortSignal.timeout(patienceMs) })) });
  const { data } = verify;
  return (
    <>
      <span role="status">
        {verify.isPending && 'Reading every record …'}
        {verify.error && <span className="tone-bad">{verify.error.message}</span>}
        {data?.intact === true && (
          <span className="tone-good">
            {formatCount(data.records)} {data.records === 1 ? 'record is' : 'records are'} as they were written.
          </span>
        )}
        {data?.intact === false && <span className="tone-bad">{data.faults[0]?.message ?? 'The records are not as they were written.'}</span>}
      </span>
      <button type="button" className="button" disabled={verify.isPending} onClick={() => verify.mutate()}>
        Verify
      </button>
    </>
  );
}
