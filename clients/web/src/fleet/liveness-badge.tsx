import type { ReactNode } from 'react';
import { isLiveness, livenessText } from './liveness.ts';

// The shapes differ as much as the colours: a full disc, a clock, an empty ring, a way out, a bar across, a warning.
const shapes: Readonly<Record<string, ReactNode>> = {
  online: <circle cx="8" cy="8" r="5" fill="currentColor" stroke="none" />,
  late: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M8 5v3.2l2 1.3" />
    </>
  ),
  offline: <circle cx="8" cy="8" r="5" />,
  conflict: <path d="M8 2.5 14.5 13.5h-13zM8 6.5v3.2M8 11.6v.1" />,
  left: <path d="M3 8h8M8 5l3 3-3 3M13.5 3.5v9" />,
  revoked: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M4.2 11.8l7.6-7.6" />
    </>
  ),
};

export function LivenessIcon({ kind }: { kind: string }) {
  return (
    <svg
      className={`liveness-icon ink-${isLiveness(kind) ? kind : 'left'}`}
      viewBox="0 0 16 16"
      width="14"
      height="14"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {shapes[kind] ?? shapes['offline']}
    </svg>
  );
}

/** The state of liveness in words, shape and colour; what it means is told on hover. */
export function LivenessBadge({ kind }: { kind: string }) {
  const { label, meaning } = livenessText(kind);
  return (
    <span className={`badge badge-${isLiveness(kind) ? kind : 'left'}`} title={meaning}>
      <LivenessIcon kind={kind} />
      {label}
    </span>
  );
}
