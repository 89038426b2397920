import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { OperationId } from '@stoa/generated/operations.ts';
import { LivenessBadge } from '../fleet/liveness-badge.tsx';
import { Part } from '../ground/facts.tsx';
import { within } from '../ground/fault.ts';
import { Page } from '../ground/page.tsx';
import { daysAgo, formatCount, readUsage } from '../ground/recent-usage.tsx';
import { useMay, useSession } from '../ground/session.ts';
import { Failure } from '../ground/states.tsx';
import { To } from '../ground/to.tsx';
import { findAll } from './findings.ts';
import type { NeedOfPerson } from './findings.ts';

const everyMs = 15_000;

/** `/home`: what needs a person now, then the traffic of the last day. */
export function HomePage() {
  const may = useMay();
  const session = useSession();
  const findings = useQuery({
    queryKey: ['home', session?.permissions],
    queryFn: ({ signal }) => findAll(may, within(signal)),
    enabled: session !== undefined,
    refetchInterval: everyMs,
  });
  return (
    <Page title="Home" lead="What needs a person now.">
      {findings.error && <Failure error={findings.error} onRetry={() => void findings.refetch()} isOld={findings.data !== undefined} />}
      <Part title="Needs attention">
        {findings.isPending && !findings.error && <p className="sub">Looking …</p>}
        {findings.data?.length === 0 && (
          <p className="calm">
            <span className="tone-good">All is well.</span> Nothing is rejected, differs, is silent, ends soon or waits.
          </p>
        )}
        <ul className="rows">
          {findings.data?.map((finding) => (
            <Row key={`${finding.href} ${finding.text}`} finding={finding} />
          ))}
        </ul>
      </Part>
      {may('getUsage') && <Traffic />}
      <Begin may={may} />
    </Page>
  );
}

function Row({ finding: { tone, kind, text, href, liveness } }: { finding: NeedOfPerson }) {
  return (
    <li>
      <span className={`tone-${tone}`}>{liveness === undefined ? kind : <LivenessBadge kind={liveness} />}</span>
      <To href={href}>{text}</To>
    </li>
  );
}

function Traffic() {
  const usage = useQuery({
    queryKey: ['usage', 'day'],
    queryFn: ({ signal }) => readUsage({ from: daysAgo(1), group_by: 'api' }, signal),
    refetchInterval: everyMs * 4,
  });
  if (usage.data === undefined) return usage.error ? <Failure error={usage.error} onRetry={() => void usage.refetch()} /> : null;
  const total = (of: 'calls' | 'errors' | 'denied') => usage.data.reduce((sum, item) => sum + item[of], 0);
  const facts: (readonly [string, ReactNode])[] = [
    ['calls', formatCount(total('calls'))],
    ['failed', formatCount(total('errors'))],
    ['refused', formatCount(total('denied'))],
    ['APIs called', formatCount(usage.data.filter(({ calls }) => calls > 0).length)],
  ];
  return (
    <Part title="The last 24 hours" actions={<To href="/observe/usage">Usage</To>}>
      <ul className="figures">
        {facts.map(([name, value]) => (
          <li key={name}>
            <strong>{value}</strong> {name}
          </li>
        ))}
      </ul>
    </Part>
  );
}

const beginnings: readonly (readonly [href: string, words: string, needs: OperationId])[] = [
  ['/apis/import', 'Import an API', 'createApi'],
  ['/gateways/add', 'Add a gateway', 'createGatewayKey'],
  ['/access/consumers', 'Let somebody call', 'createConsumer'],
];

function Begin({ may }: { may: (operation: OperationId) => boolean }) {
  const offered = beginnings.filter(([, , needs]) => may(needs));
  if (offered.length === 0) return null;
  return (
    <p className="begin">
      {offered.map(([href, words]) => (
        <To key={href} className="button" href={href}>
          {words}
        </To>
      ))}
    </p>
  );
}
