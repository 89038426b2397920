import type { GatewayModeSummary } from '@stoa/generated/schemas.ts';
import { follow } from './filter-bar.tsx';
import { filtersHref, isFiltering, noFilters } from './filters.ts';
import type { Filters } from './filters.ts';
import type { SectionView } from './fleet-view.ts';
import { InstanceTable } from './instance-table.tsx';
import { livenessKinds, livenessText } from './liveness.ts';
import { LivenessIcon } from './liveness-badge.tsx';
import { ModeIcon } from './mode-icon.tsx';
import { modeText } from './modes.ts';
import { steadyPress } from './steady-press.ts';

/** A mode: what it is, how many of its instances are in which state, and the instances. */
export function ModeSection({ section, filters, onMore }: { section: SectionView; filters: Filters; onMore: (mode: string) => void }) {
  const { summary, present, shown, matching, hasMore, isSearching } = section;
  const { gateway_mode: mode, product, total } = summary;
  const text = modeText(mode);
  return (
    <section className="mode" id={mode} aria-labelledby={`${mode}-heading`}>
      <header className="mode-head">
        <div>
          <h2 id={`${mode}-heading`}>
            <ModeIcon mode={mode} />
            {product} <code className="mode-name">{mode}</code>
          </h2>
          {text && <p>{text.what}</p>}
        </div>
        <Counts summary={summary} />
      </header>
      {total === 0 && <HowToStart product={product} program={text?.program} />}
      {total > 0 && shown.length === 0 && (
        <p className="nothing">
          {isSearching ? 'Searching…' : nothingMatches(present, filters)}{' '}
          {isFiltering(filters) && (
            <a href={filtersHref(noFilters)} onClick={(event) => follow(event, noFilters)}>
              Show all
            </a>
          )}
        </p>
      )}
      {shown.length > 0 && <InstanceTable product={product} gateways={shown} matching={matching} standsBeside={text?.standsBeside ?? true} />}
      {shown.length > 0 && (hasMore || shown.length < present) && (
        <p className="mode-foot">
          Showing {shown.length.toLocaleString('en')} of {(hasMore ? (matching ?? present) : present).toLocaleString('en')}
          {isFiltering(filters) && `: ${inWords(filters)}`}.{' '}
          {hasMore && (
            <button type="button" className="button" onClick={() => onMore(mode)} {...steadyPress}>
              Show more
            </button>
          )}
        </p>
      )}
    </section>
  );
}

function Counts({ summary: { counts, total } }: { summary: GatewayModeSummary }) {
  if (total === 0) return null;
  return (
    <ul className="counts" aria-label="Instances by liveness">
      {livenessKinds
        .filter((kind) => counts[kind] > 0)
        .map((kind) => (
          <li key={kind}>
            <LivenessIcon kind={kind} />
            {counts[kind].toLocaleString('en')} {livenessText(kind).label.toLowerCase()}
          </li>
        ))}
    </ul>
  );
}

function nothingMatches(present: number, filters: Filters): string {
  if (!isFiltering(filters)) return 'All of its instances have left.';
  return present === 1 ? 'Its one instance does not match.' : `None of its ${present.toLocaleString('en')} instances matches.`;
}

function inWords({ environment, liveness, search }: Filters): string {
  const parts = [
    liveness && livenessText(liveness).label.toLowerCase(),
    environment && `in ${environment}`,
    search && `with “${search}” in the name`,
  ];
  return parts.filter(Boolean).join(', ');
}

function HowToStart({ product, program }: { product: string; program: string | undefined }) {
  if (program === undefined) return <p className="nothing">No instance has registered yet.</p>;
  return (
    <div className="nothing">
      <p>
        No {product} has registered yet. Start one with a gateway key, which an operator mints with <code>POST /v1/gateway-keys</code>:
      </p>
      <pre>
        <code>{`STOA_CONTROL_PLANE_URL=${location.origin} STOA_GATEWAY_KEY=… bin/${program}`}</code>
      </pre>
    </div>
  );
}
