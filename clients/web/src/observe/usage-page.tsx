import { useQuery } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import type { UsageSum } from '@stoa/generated/schemas.ts';
import { useAddresses } from '../ground/address.ts';
import { Part } from '../ground/facts.tsx';
import { Page } from '../ground/page.tsx';
import { daysAgo, formatCount, readUsage } from '../ground/recent-usage.tsx';
import { Empty, Failure, Loading } from '../ground/states.tsx';
import { visible } from '../mcp/visible.ts';
import { Chart } from './chart.tsx';
import { bucketsOf } from './buckets.ts';

const spans = [
  ['1', 'the last day'],
  ['7', 'the last 7 days'],
  ['30', 'the last 30 days'],
] as const;
const groups = [
  ['api', 'API'],
  ['operation', 'Tool or operation'],
  ['consumer', 'Consumer'],
  ['gateway', 'Gateway'],
  ['door', 'Door'],
] as const;
type Group = (typeof groups)[number][0];
const mostRows = 50;

/** `/observe/usage?days=…&by=…`: calls, errors and refusals over time, and by whom or what. */
export function UsagePage() {
  const addresses = useAddresses();
  const { searchStr } = useLocation();
  const query = new URLSearchParams(searchStr);
  const days = spans.find(([value]) => value === query.get('days'))?.[0] ?? '1';
  const by: Group = groups.find(([value]) => value === query.get('by'))?.[0] ?? 'api';
  const choose = (name: string, value: string) => {
    query.set(name, value);
    addresses.replace(`/observe/usage?${query}`);
  };
  const interval = days === '30' ? ('day' as const) : ('hour' as const);
  const over = useQuery({
    queryKey: ['usage', 'over', days],
    queryFn: async ({ signal }) => {
      const from = daysAgo(Number(days));
      // By what there are fewest of: only the sums over all are shown.
      return { from, items: await readUsage({ from, group_by: 'door', interval }, signal) };
    },
  });
  const sums = useQuery({
    queryKey: ['usage', 'by', days, by],
    queryFn: ({ signal }) => readUsage({ from: daysAgo(Number(days)), group_by: by }, signal),
  });
  return (
    <Page
      title="Usage"
      lead="Calls that gateways metered, with what upstreams failed and what was refused."
      aside={
        <label className="filter-field">
          Over
          <select value={days} onChange={(event) => choose('days', event.target.value)}>
            {spans.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
      }
    >
      {over.error && <Failure error={over.error} onRetry={() => void over.refetch()} />}
      {over.isPending && <Loading words="Loading the usage" />}
      {over.data &&
        (over.data.items.some(({ calls }) => calls > 0) ? <Over from={over.data.from} items={over.data.items} interval={interval} /> : <None />)}
      <Part
        title="By"
        actions={
          <label className="filter-field">
            <span className="visually-hidden">Told apart by</span>
            <select value={by} onChange={(event) => choose('by', event.target.value)}>
              {groups.map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </select>
          </label>
        }
      >
        {sums.error && <Failure error={sums.error} onRetry={() => void sums.refetch()} />}
        {sums.isPending && <Loading words="Loading the sums" />}
        {sums.data && <Sums sums={sums.data} by={by} />}
      </Part>
    </Page>
  );
}

const None = () => (
  <Empty title="Nobody called in this time">
    <p>Gateways report what they metered every minute.</p>
  </Empty>
);

function Over({ from, items, interval }: { from: string; items: readonly UsageSum[]; interval: 'hour' | 'day' }) {
  const buckets = bucketsOf(items, from, interval);
  const total = (of: readonly number[]) => formatCount(of.reduce((sum, count) => sum + count, 0));
  return (
    <Part title={`${total(buckets.calls)} calls, ${total(buckets.errors)} failed, ${total(buckets.denied)} refused`}>
      <Chart buckets={buckets} />
    </Part>
  );
}

/** The nil UUID: what no API has, or nobody whom the gateway knows. */
const none = '00000000-0000-0000-0000-000000000000';
const nameOf: Readonly<Record<Group, (sum: UsageSum) => string | undefined>> = {
  api: ({ api, api_id }) => api ?? (api_id === none ? 'what no API has' : api_id),
  operation: ({ api, operation_id }) => (operation_id ? `${api ?? ''} ${operation_id}` : api),
  consumer: ({ consumer, consumer_id }) => consumer ?? (consumer_id === none ? undefined : consumer_id),
  gateway: ({ gateway, gateway_id }) => gateway ?? gateway_id,
  door: ({ door }) => door,
};
const milliseconds = (value: number | undefined): string => (value === undefined ? '–' : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`);
const share = (part: number, whole: number): string => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`);

function Sums({ sums, by }: { sums: readonly UsageSum[]; by: Group }) {
  if (sums.length === 0) return <p className="sub">None.</p>;
  const busiest = sums.toSorted((a, b) => b.calls - a.calls);
  return (
    <div className="list-box">
      <table className="list">
        <thead>
          <tr>
            <th scope="col">{groups.find(([value]) => value === by)?.[1]}</th>
            {['Calls', 'Failed', 'Refused', 'Median', '95 of 100', '99 of 100'].map((title) => (
              <th key={title} scope="col" className="number">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {busiest.slice(0, mostRows).map((sum) => {
            const name = nameOf[by](sum);
            const cells = [
              ['Calls', formatCount(sum.calls)],
              ['Failed', share(sum.errors, sum.calls)],
              ['Refused', share(sum.denied, sum.calls)],
              ['Median', milliseconds(sum.latency?.p50_ms)],
              ['95 of 100', milliseconds(sum.latency?.p95_ms)],
              ['99 of 100', milliseconds(sum.latency?.p99_ms)],
            ] as const;
            return (
              <tr key={name ?? ''}>
                <th scope="row">{name === undefined ? 'nobody known' : visible(name)}</th>
                {cells.map(([title, text]) => (
                  <td key={title} className="number">
                    <span className="list-label" aria-hidden="true">
                      {title}
                    </span>
                    {text}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
      {busiest.length > mostRows && (
        <p className="list-foot sub">
          The busiest {mostRows} of {formatCount(busiest.length)}. <code>stoactl usage</code> shows all.
        </p>
      )}
    </div>
  );
}
