import { livenessKinds, livenessText } from './liveness.ts';
import type { SectionView } from './fleet-view.ts';
import { ModeIcon } from './mode-icon.tsx';

/** The fleet at a glance: a tile for each mode, which leads to its section. */
export function ModeTiles({ sections }: { sections: readonly SectionView[] }) {
  return (
    <nav className="tiles" aria-label="Modes">
      {sections.map(({ present, summary: { gateway_mode, product, total, counts } }) => (
        <a key={gateway_mode} className="tile" href={`#${gateway_mode}`}>
          <span className="tile-head">
            <ModeIcon mode={gateway_mode} />
            {product}
          </span>
          <span className="tile-count">
            {total === 0 ? (
              <span className="quiet">none yet</span>
            ) : (
              <>
                <strong>{counts.online.toLocaleString('en')}</strong> online <span className="quiet">of {present.toLocaleString('en')}</span>
              </>
            )}
          </span>
          <span className="bar" aria-hidden="true">
            {livenessKinds
              .filter((kind) => kind !== 'left' && counts[kind] > 0)
              .map((kind) => (
                <span
                  key={kind}
                  className={`bar-part fill-${kind}`}
                  style={{ flexGrow: counts[kind] }}
                  title={`${counts[kind]} ${livenessText(kind).label.toLowerCase()}`}
                />
              ))}
          </span>
        </a>
      ))}
    </nav>
  );
}
