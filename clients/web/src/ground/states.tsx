import type { ReactNode } from 'react';
import { messageOf } from './fault.ts';

/** Says why nothing, or nothing new, can be shown. */
export function Failure({ error, onRetry, isOld = false }: { error: unknown; onRetry?: () => void; isOld?: boolean }) {
  return (
    <div className="note note-bad failure">
      <p role="alert">
        {messageOf(error)}
        {isOld && ' Below is what was last read.'}
      </p>
      {onRetry && (
        <button type="button" className="button" onClick={onRetry}>
          Try now
        </button>
      )}
    </div>
  );
}

/** The shape of what comes. */
export function Loading({ words = 'Loading', rows = 5 }: { words?: string; rows?: number }) {
  return (
    <div className="loading" role="status" aria-label={words}>
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} className="bone" />
      ))}
    </div>
  );
}

/** Where there is nothing yet: what would be here, and how it comes. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children}
    </div>
  );
}
