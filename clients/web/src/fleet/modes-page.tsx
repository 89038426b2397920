import { Page } from '../ground/page.tsx';
import { useEndOfSession } from '../ground/session.ts';
import { AsOf } from './as-of.ts';
import { BrakeAlert } from './brake-alert.tsx';
import { ConflictAlert } from './conflict-alert.tsx';
import { FilterBar } from './filter-bar.tsx';
import { viewFleet } from './fleet-view.ts';
import { Freshness, Unreachable } from './freshness.tsx';
import { ModeSection } from './mode-section.tsx';
import { ModeTiles } from './mode-tiles.tsx';
import { Skeleton } from './skeleton.tsx';
import { useFilters } from './use-filters.ts';
import { useFleet } from './use-fleet.ts';

/** `/gateways/modes`: every instance of the fleet, by mode, live. */
export function ModesPage() {
  const filters = useFilters();
  const { state, refresh, showMore } = useFleet(filters);
  const { snapshot, failure, signedOut, announcement } = state;
  useEndOfSession(signedOut);
  const view = snapshot && viewFleet(snapshot, filters);
  return (
    <Page
      title="Gateway modes"
      lead="Every runtime that registered with this Control Plane, by the mode it runs in."
      aside={view && !failure && <Freshness asOf={view.asOf} />}
    >
      {failure && <Unreachable failure={failure} asOf={view?.asOf} onRetry={refresh} />}
      {!view && !failure && <Skeleton />}
      {view && (
        <div className={failure ? 'stale' : undefined}>
          <BrakeAlert brakes={view.brakes} onReleased={refresh} />
          <ConflictAlert conflicts={view.conflicts} />
          <ModeTiles sections={view.sections} />
          <FilterBar view={view} filters={filters} />
          <AsOf value={view.asOf}>
            {view.sections.map((section) => (
              <ModeSection key={section.summary.gateway_mode} section={section} filters={filters} onMore={showMore} />
            ))}
          </AsOf>
        </div>
      )}
      <p className="visually-hidden" role="status">
        {announcement}
      </p>
    </Page>
  );
}
