import type { GatewayChanges } from '@stoa/generated/schemas.ts';

type Told = {
  changed(changes: GatewayChanges): void;
  /** The stream broke, or the server asks to read anew. */
  lost(): void;
};

const minPauseMs = 5_000;

/** Follows the fleet from a position on. Browsers connect anew by themselves, unless the server refuses: then the next reading opens the stream again. */
export function followEvents({ changed, lost }: Told): { openAfter(position: string | undefined): void; close(): void } {
  let source: EventSource | undefined;
  let openedAt = -Infinity;
  let isClosed = false;
  return {
    openAfter(position) {
      const isOpen = source !== undefined && source.readyState !== EventSource.CLOSED;
      if (isClosed || isOpen || position === undefined || performance.now() - openedAt < minPauseMs) return;
      openedAt = performance.now();
      source = new EventSource(`/v1/gateways/events?after=${encodeURIComponent(position)}`);
      source.addEventListener('changes', (event: MessageEvent<string>) => changed(JSON.parse(event.data) as GatewayChanges));
      source.addEventListener('reload', lost);
      source.addEventListener('error', lost);
    },
    close() {
      isClosed = true;
      source?.close();
    },
  };
}
