import { useState } from 'react';
import type { McpServerOnGateway } from '@stoa/generated/schemas.ts';
import { LivenessBadge } from '../fleet/liveness-badge.tsx';
import { Definition } from './definition.tsx';
import { decideOnMcp, readMcpDetail } from './mcp-api.ts';
import type { McpDetail } from './mcp-api.ts';
import { connectionTones, stateTones } from './tones.ts';
import { useReading } from './use-mcp.ts';
import { visible } from './visible.ts';

type Props = { id: string; mayDecide: boolean; onDecided: (words: string) => void };

/** What is behind one MCP server of the list: its gateways, and what waits for a decision. */
export function ServerDetail({ id, mayDecide, onDecided }: Props) {
  const { value, failure, refresh } = useReading(id, (signal) => readMcpDetail(id, signal));
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState('');
  if (value === undefined) return <p className="quiet">{failure ?? 'Reading …'}</p>;
  const decide = async (verdict: 'approve' | 'reject', body: Parameters<typeof decideOnMcp>[2]) => {
    setBusy(true);
    const outcome = await decideOnMcp(id, verdict, body);
    setBusy(false);
    setRefusal(outcome.kind === 'failed' ? outcome.message : '');
    if (outcome.kind === 'ok') onDecided(outcome.value);
    refresh();
  };
  const { server, pending } = value;
  return (
    <>
      {failure && <p className="tone-bad">{failure} Below is what was last known.</p>}
      {(server.warnings ?? []).map((warning) => (
        <p key={warning} className="definition-warning tone-warn">
          {visible(warning)}
        </p>
      ))}
      <h3 className="detail-head">On gateways</h3>
      <Gateways gateways={server.gateways ?? []} />
      <Pending detail={value} mayDecide={mayDecide} isBusy={isBusy} refusal={refusal} onDecide={decide} />
      {pending.length === 0 && <p className="quiet">Nothing waits for a decision.</p>}
    </>
  );
}

function Gateways({ gateways }: { gateways: readonly McpServerOnGateway[] }) {
  if (gateways.length === 0) return <p className="quiet">No gateway fits its targets.</p>;
  return (
    <ul className="mcp-gateways">
      {gateways.map((gateway) => (
        <li key={gateway.gateway_id}>
          <span className="mcp-gateway">
            <strong>{gateway.instance_name}</strong> <span className="sub">{gateway.environment}</span> <LivenessBadge kind={gateway.liveness} />
          </span>
          <span className={stateTones[gateway.state] ?? 'tone-quiet'}>{gateway.state.replaceAll('_', ' ')}</span>
          <span className={connectionTones[gateway.connection ?? ''] ?? 'tone-quiet'}>
            {gateway.connection ?? 'has said nothing of it yet'}
            {gateway.protocol_version && <span className="sub"> MCP {visible(gateway.protocol_version)}</span>}
            {gateway.offered !== undefined && <span className="sub"> offers {gateway.offered}</span>}
          </span>
          {(gateway.reason ?? gateway.connection_reason) && (
            <span className="mcp-why">{visible([gateway.reason, gateway.connection_reason].filter(Boolean).join(' '))}</span>
          )}
        </li>
      ))}
    </ul>
  );
}

type PendingProps = {
  detail: McpDetail;
  mayDecide: boolean;
  isBusy: boolean;
  refusal: string;
  onDecide: (verdict: 'approve' | 'reject', body: Parameters<typeof decideOnMcp>[2]) => Promise<void>;
};

function Pending({ detail: { server, pending, pendingSha256 }, mayDecide, isBusy, refusal, onDecide }: PendingProps) {
  if (pending.length === 0) return null;
  const total = server.definitions?.pending ?? pending.length;
  const isAll = total <= pending.length;
  return (
    <section aria-label={`What of ${server.name} waits`}>
      <div className="pending-head">
        <h3 className="detail-head">Waiting for a decision: {total}</h3>
        {mayDecide && isAll && total > 1 && (
          <button type="button" className="button" disabled={isBusy} onClick={() => void onDecide('approve', { all: pendingSha256 })}>
            Approve all {total}
          </button>
        )}
      </div>
      {!isAll && (
        <p className="sub">
          The first {pending.length} are shown. <code>stoactl mcp pending {server.name}</code> shows all.
        </p>
      )}
      <p className="tone-bad" role="alert">
        {refusal}
      </p>
      <ul className="definitions">
        {pending.map((entry) => (
          <Definition
            key={`${entry.kind} ${entry.name} ${entry.sha256}`}
            entry={entry}
            mayDecide={mayDecide}
            isBusy={isBusy}
            onDecide={(verdict) => void onDecide(verdict, { definitions: [{ kind: entry.kind, name: entry.name, sha256: entry.sha256 }] })}
          />
        ))}
      </ul>
    </section>
  );
}
