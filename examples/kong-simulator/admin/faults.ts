/** A fault to show instead of, or after, the real answer: for tests of how a client copes. */
export interface Fault {
  /** Any method when left out; `write` is every one that changes something. */
  method?: string;
  /** The exact path without its query, or a pattern over it. */
  path: string | RegExp;
  /** The answer's status. Left out: the connection is cut without an answer. */
  status?: number;
  body?: unknown;
  /** How many requests it hits; once when left out. */
  times?: number;
  /** Does what was asked before it fails, as when the answer is lost on the way back. */
  applied?: boolean;
}

export interface FaultQueue {
  add(fault: Fault): void;
  /** Takes the first fault that fits, and counts it down. */
  take(method: string, path: string): Fault | undefined;
  forget(): void;
}

export function createFaultQueue(): FaultQueue {
  const waiting: { fault: Fault; left: number }[] = [];
  return {
    add: (fault) => void waiting.push({ fault, left: fault.times ?? 1 }),
    take(method, path) {
      const index = waiting.findIndex(({ fault }) => {
        const methodFits = fault.method === undefined || fault.method === method || (fault.method === 'write' && method !== 'GET');
        // A pattern may count, so it is shown nothing that does not fit otherwise.
        return methodFits && (typeof fault.path === 'string' ? fault.path === path : fault.path.test(path));
      });
      const found = waiting[index];
      if (!found) return undefined;
      found.left -= 1;
      if (found.left <= 0) waiting.splice(index, 1);
      return found.fault;
    },
    forget: () => void (waiting.length = 0),
  };
}
