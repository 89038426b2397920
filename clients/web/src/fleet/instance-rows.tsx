import { memo, use } from 'react';
import type { ReactNode } from 'react';
import type { Gateway } from '@stoa/generated/schemas.ts';
import { AsOf } from './as-of.ts';
import { configText } from './config-text.ts';
import { noticesOf } from './instance-notices.ts';
import { LivenessBadge } from './liveness-badge.tsx';
import { formatShare, healthTexts, healthTones } from './target-notices.ts';
import { formatAgo, formatExact, formatSpan } from './times.ts';

type InstanceRowsProps = { gateway: Gateway; standsBeside: boolean; columns: number; index: number; measure: (element: HTMLElement | null) => void };

/** One instance: a row of facts, and under it what an operator should know or do. */
export const InstanceRows = memo(function InstanceRows({ gateway, standsBeside, columns, index, measure }: InstanceRowsProps) {
  const { gateway_id, instance_name, environment, version, features, liveness, lease_epoch } = gateway;
  const notices = noticesOf(gateway);
  return (
    <tbody role="rowgroup" id={gateway_id} className={`instance is-${liveness}`} ref={measure} data-index={index}>
      <tr role="row" aria-rowindex={index + 2}>
        <th role="rowheader" scope="row" className="cell-name">
          <span className="name">{instance_name}</span> <span className="version">{version}</span>
          {features.length > 0 && (
            <ul className="features" aria-label="Features">
              {features.map((feature) => (
                <li key={feature}>{feature}</li>
              ))}
            </ul>
          )}
        </th>
        <Cell label="Environment">
          <span className="environment">{environment}</span>
        </Cell>
        <Cell label="Liveness">
          <LivenessBadge kind={liveness} />
        </Cell>
        <Cell label="Last heartbeat">
          <Heartbeat gateway={gateway} />
        </Cell>
        <Cell label="Own status">
          <Status gateway={gateway} />
        </Cell>
        <Cell label="Configuration">
          <Config gateway={gateway} />
        </Cell>
        <Cell label="Lease epoch">{lease_epoch}</Cell>
        {standsBeside && (
          <Cell label="Stands beside">
            <Target gateway={gateway} />
          </Cell>
        )}
      </tr>
      {notices.length > 0 && (
        <tr role="row" className="notices">
          <td role="cell" colSpan={columns}>
            {notices.map(({ text, tone, link }) => (
              <p key={text} className={`notice tone-${tone}`}>
                {text}
                {link && (
                  <>
                    {' '}
                    <a href={link.href}>{link.label}</a>
                  </>
                )}
              </p>
            ))}
          </td>
        </tr>
      )}
    </tbody>
  );
});

function Cell({ label, children }: { label: string; children: ReactNode }) {
  return (
    <td role="cell">
      <span className="cell-label" aria-hidden="true">
        {label}
      </span>
      <div className="cell-value">{children}</div>
    </td>
  );
}

function Heartbeat({ gateway: { last_heartbeat_at, registered_at, heartbeat_interval_s } }: { gateway: Gateway }) {
  const asOf = use(AsOf);
  const shown = last_heartbeat_at ?? registered_at;
  return (
    <>
      {last_heartbeat_at === undefined && 'none; registered '}
      <time dateTime={shown} title={formatExact(shown)}>
        {formatAgo(shown, asOf)}
      </time>
      <span className="sub">every {heartbeat_interval_s} s</span>
    </>
  );
}

/** Whether its last report is out of date: none of its values is then coloured as healthy. */
function isGone(liveness: string): boolean {
  return liveness === 'offline' || liveness === 'left' || liveness === 'revoked';
}

const statusTones: Readonly<Record<string, string>> = { healthy: 'good', degraded: 'warn', unhealthy: 'bad' };

function Status({ gateway: { status, uptime_s, liveness } }: { gateway: Gateway }) {
  if (status === undefined) return <span className="quiet">not said yet</span>;
  if (isGone(liveness))
    return (
      <>
        {status}
        <span className="sub">when last heard</span>
      </>
    );
  return (
    <>
      <span className={`tone-${statusTones[status] ?? 'quiet'}`}>{status}</span>
      {uptime_s !== undefined && <span className="sub">up {formatSpan(uptime_s)}</span>}
    </>
  );
}

function Config({ gateway: { config, liveness } }: { gateway: Gateway }) {
  const { label, detail, tone } = configText(config);
  return (
    <>
      <span className={tone === 'good' && isGone(liveness) ? undefined : `tone-${tone}`}>{label}</span>
      {detail !== undefined && <span className="sub">{detail}</span>}
    </>
  );
}

function Target({ gateway: { target_gateway: target, target_health: health, liveness } }: { gateway: Gateway }) {
  if (target === undefined) return <span className="quiet">not said</span>;
  return (
    <>
      {target.type} {target.version}
      {health !== undefined && health.state !== 'unknown' && (
        <span className={`sub${isGone(liveness) ? '' : ` tone-${healthTones[health.state]}`}`}>
          {healthTexts[health.state]}
          {health.error_ratio !== undefined && `, ${formatShare(health.error_ratio)} of its answers failed`}
        </span>
      )}
      {target.url !== undefined && <span className="sub address">{target.url}</span>}
    </>
  );
}
