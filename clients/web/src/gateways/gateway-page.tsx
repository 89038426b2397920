import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { DriftRecord, Gateway } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { usePart } from '../ground/address.ts';
import { configText } from '../fleet/config-text.ts';
import { LivenessBadge } from '../fleet/liveness-badge.tsx';
import { formatExact, formatSpan } from '../fleet/times.ts';
import { Destroy } from '../ground/destroy.tsx';
import { Facts, Part, When } from '../ground/facts.tsx';
import { answered, done, within } from '../ground/fault.ts';
import { LabelList } from '../ground/labels.tsx';
import { Page } from '../ground/page.tsx';
import { formatCount } from '../ground/recent-usage.tsx';
import { useMay } from '../ground/session.ts';
import { Failure, Loading } from '../ground/states.tsx';
import { useGo } from '../ground/to.tsx';
import { visible } from '../mcp/visible.ts';
import { Items } from './items.tsx';

const above = { href: '/gateways/modes', title: 'Fleet' };
const everyMs = 10_000;

/** `/gateways/ID`: one instance, what it runs, and what differs from what it shall run. */
export function GatewayPage() {
  const gateway_id = usePart('gateway_id');
  const params = { path: { gateway_id } };
  const read = ({ signal }: { signal: AbortSignal }) => answered(client.GET('/v1/gateways/{gateway_id}', { signal: within(signal), params }));
  const gateway = useQuery({ queryKey: ['gateway', gateway_id], queryFn: read, refetchInterval: everyMs });
  const may = useMay();
  const go = useGo();
  const cache = useQueryClient();
  const [isEnding, setEnding] = useState(false);
  if (gateway.data === undefined)
    return (
      <Page title="Gateway" above={above}>
        {gateway.error ? <Failure error={gateway.error} onRetry={() => void gateway.refetch()} /> : <Loading words="Loading the gateway" />}
      </Page>
    );
  const { instance_name, liveness, environment, gateway_mode } = gateway.data;
  return (
    <Page
      title={instance_name}
      above={above}
      lead={`${gateway_mode} in ${environment}`}
      aside={
        <>
          <LivenessBadge kind={liveness} />
          {may('decommissionGateway') && (
            <button type="button" className="button button-bad" onClick={() => setEnding(true)}>
              Decommission
            </button>
          )}
        </>
      }
    >
      {gateway.error && <Failure error={gateway.error} onRetry={() => void gateway.refetch()} isOld />}
      <GatewayFacts gateway={gateway.data} />
      <Items config={gateway.data.config} />
      {gateway_mode === 'connect' && <DriftHistory gateway_id={gateway_id} />}
      <Metrics metrics={gateway.data.metrics} />
      {isEnding && (
        <Destroy
          title={`Decommission ${instance_name}`}
          verb="Decommission it"
          name={instance_name}
          onClose={() => setEnding(false)}
          destroy={async () => {
            await done(client.DELETE('/v1/gateways/{gateway_id}', { signal: within(), params }));
            await cache.invalidateQueries({ queryKey: ['gateway', gateway_id] });
            go(above.href);
          }}
        >
          <p>Its credential is refused from then on: it is told nothing more, and cannot come back under this name with it.</p>
        </Destroy>
      )}
    </Page>
  );
}

function GatewayFacts({ gateway }: { gateway: Gateway }) {
  const { config, target_gateway: target, target_health: health, endpoints, unknown_fields } = gateway;
  const { label, detail, tone } = configText(config);
  return (
    <Facts
      facts={[
        [
          'Configuration',
          [
            <span key="state" className={`tone-${tone}`}>
              {label}
            </span>,
            detail && ` ${detail}`,
          ],
        ],
        ['Own status', gateway.status ?? 'not said yet'],
        ['Up for', gateway.uptime_s !== undefined && formatSpan(gateway.uptime_s)],
        ['Last heartbeat', gateway.last_heartbeat_at && formatExact(gateway.last_heartbeat_at)],
        ['Version', gateway.version],
        ['Registered', formatExact(gateway.registered_at)],
        ['Lease epoch', `${gateway.lease_epoch}`],
        ['Stands beside', target && `${target.type} ${target.version ?? ''} ${target.url ?? ''}`],
        ['It is', health && `${health.state.replaceAll('_', ' ')}${health.reason ? `: ${visible(health.reason)}` : ''}`],
        ['Its certificates end', health?.certificate_ends_at && <When key="ends" at={health.certificate_ends_at} />],
        ['Features', gateway.features.join(', ')],
        ['Labels', Object.keys(gateway.labels).length > 0 && <LabelList key="labels" labels={gateway.labels} />],
        ['Team', gateway.team],
        ...Object.entries(endpoints).map(([name, url]) => [`Answers ${name} at`, <code key={name}>{url}</code>] as const),
        ['Sends unknown fields', unknown_fields.join(', ')],
        ['Id', <code key="id">{gateway.gateway_id}</code>],
      ]}
    />
  );
}

const driftWords: Readonly<Record<DriftRecord['state'], readonly [tone: string, words: string]>> = {
  found: ['warn', 'found'],
  failed: ['bad', 'could not be repaired'],
  repaired: ['good', 'repaired'],
  left: ['quiet', 'left as it is'],
  gone: ['quiet', 'gone by itself'],
};

function DriftHistory({ gateway_id }: { gateway_id: string }) {
  const drift = useQuery({
    queryKey: ['gateway', gateway_id, 'drift'],
    queryFn: ({ signal }) => answered(client.GET('/v1/gateways/{gateway_id}/drift', { signal: within(signal), params: { path: { gateway_id } } })),
    refetchInterval: everyMs,
  });
  return (
    <Part title="What differed from what was applied">
      {drift.error && <Failure error={drift.error} onRetry={() => void drift.refetch()} />}
      {drift.data?.items.length === 0 && <p className="sub">Nothing so far.</p>}
      <ul className="rows">
        {drift.data?.items.map(({ event_id, object, kind, detail, state, found_at }) => (
          <li key={event_id}>
            <span className={`tone-${driftWords[state][0]}`}>{driftWords[state][1]}</span>
            <span>
              <strong>{visible(object)}</strong> {kind} {detail && <span className="sub">{visible(detail)}</span>}
            </span>
            <time dateTime={found_at}>{formatExact(found_at)}</time>
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Metrics({ metrics }: { metrics: Gateway['metrics'] }) {
  const entries = Object.entries(metrics ?? {});
  if (entries.length === 0) return null;
  return (
    <Part title="What it counts of itself">
      <Facts facts={entries.map(([name, value]) => [name.replaceAll('_', ' '), formatCount(value)] as const)} />
    </Part>
  );
}
