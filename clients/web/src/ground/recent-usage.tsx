import { useQuery } from '@tanstack/react-query';
import type { UsageSum } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { answered, within } from './fault.ts';
import { given } from './given.ts';
import { useMay } from './session.ts';

export type UsageAsk = { from: string; to?: string; api_id?: string; consumer_id?: string; group_by?: string; interval?: 'hour' | 'day' };

export const readUsage = async (query: UsageAsk, signal?: AbortSignal): Promise<UsageSum[]> =>
  (await answered(client.GET('/v1/usage', { signal: within(signal), params: { query: given(query) } }))).items;

export const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();
const whole = new Intl.NumberFormat('en');
export const formatCount = (count: number): string => whole.format(count);

/** Who called in the last seven days and how often: what stops when this ends. */
export function RecentUsage({ consumer_id, api_id }: { consumer_id?: string; api_id?: string }) {
  const may = useMay()('getUsage');
  const of = given({ consumer_id, api_id });
  const usage = useQuery({
    queryKey: ['usage', 'recent', of],
    queryFn: ({ signal }) => readUsage({ ...of, from: daysAgo(7), group_by: 'api,consumer' }, signal),
    enabled: may,
  });
  if (!may) return <p className="sub">Your roles do not let you read who called.</p>;
  if (usage.data === undefined) return <p className="sub">{usage.error ? usage.error.message : 'Reading who called …'}</p>;
  const busiest = usage.data.filter(({ calls }) => calls > 0).toSorted((a, b) => b.calls - a.calls);
  if (busiest.length === 0) return <p>Nobody called in the last 7 days.</p>;
  return (
    <>
      <p>In the last 7 days:</p>
      <ul>
        {busiest.slice(0, 5).map(({ api, consumer, calls }) => (
          <li key={`${consumer} ${api}`}>
            <strong>{consumer ?? 'nobody known'}</strong> called {api ?? 'something'} {formatCount(calls)} {calls === 1 ? 'time' : 'times'}
          </li>
        ))}
        {busiest.length > 5 && <li>and {busiest.length - 5} more</li>}
      </ul>
    </>
  );
}
