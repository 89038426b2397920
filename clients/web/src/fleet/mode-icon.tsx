import type { ReactNode } from 'react';

// A gate; two links of a chain; an arrow into a box.
const shapes: Readonly<Record<string, ReactNode>> = {
  edge_mcp: <path d="M4 20V10a8 8 0 0 1 16 0v10M9 20v-9a3 3 0 0 1 6 0v9M2 20h20" />,
  sidecar: <path d="M10 8H7a4 4 0 0 0 0 8h3M14 8h3a4 4 0 0 1 0 8h-3M8.5 12h7" />,
  connect: <path d="M3 12h10M9.5 8l4 4-4 4M12 4h7a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2h-7" />,
};

export function ModeIcon({ mode }: { mode: string }) {
  return (
    <svg
      className="mode-icon"
      viewBox="0 0 24 24"
      width="20"
      height="20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {shapes[mode] ?? <circle cx="12" cy="12" r="8" />}
    </svg>
  );
}
