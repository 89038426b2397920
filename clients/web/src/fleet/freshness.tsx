import { formatClock, formatExact } from './times.ts';
import type { ReadFailure } from './use-fleet.ts';

/** Says that the page is live, and of when it is. */
export function Freshness({ asOf }: { asOf: string }) {
  return (
    <p className="freshness">
      <span className="pulse" aria-hidden="true" />
      Live, as of{' '}
      <time dateTime={asOf} title={formatExact(asOf)}>
        {formatClock(asOf)}
      </time>
    </p>
  );
}

/** Says since when nothing new arrived, why, and when the next try comes. */
export function Unreachable({ failure, asOf, onRetry }: { failure: ReadFailure; asOf: string | undefined; onRetry: () => void }) {
  return (
    <div className="note note-bad failure">
      <div>
        <p className="note-title" role="alert">
          {asOf === undefined ? (
            'The fleet cannot be shown'
          ) : (
            <>
              Not updated since{' '}
              <time dateTime={asOf} title={formatExact(asOf)}>
                {formatClock(asOf)}
              </time>
            </>
          )}
        </p>
        <p>
          {failure.message} {asOf !== undefined && 'Below is what was last known. '}
          It is tried again within {Math.max(1, Math.ceil(failure.retryInMs / 1000))} s.
        </p>
      </div>
      <button type="button" className="button" onClick={onRetry}>
        Try now
      </button>
    </div>
  );
}
