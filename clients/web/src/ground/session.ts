import { QueryCache, QueryClient, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useSyncExternalStore } from 'react';
import type { OperationId } from '@stoa/generated/operations.ts';
import { operationPermissions } from '@stoa/generated/permissions.ts';
import type { Session } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { ApiFault, answered, within } from './fault.ts';

const listeners = new Set<() => void>();
let isSignedOut = false;

/** Forgets all that was read: it belongs to the session that is over. */
export function endSession(): void {
  isSignedOut = true;
  queries.clear();
  for (const listener of listeners) listener();
}

export const useSignedOut = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => isSignedOut,
  );

/** For pages that read by themselves and are told that nobody is signed in. */
export function useEndOfSession(isAtEnd: boolean): void {
  useEffect(() => {
    if (isAtEnd) endSession();
  }, [isAtEnd]);
}

const isOver = (error: unknown): boolean => error instanceof ApiFault && error.status === 401;
/** A fault of what was asked is no better a second time. */
const mayPass = (error: unknown): boolean => error instanceof ApiFault && (error.status === 0 || error.status >= 500);

export const queries = new QueryClient({
  queryCache: new QueryCache({ onError: (error) => void (isOver(error) && endSession()) }),
  defaultOptions: {
    // A page that the network took away must say so: a query that waits for it says nothing.
    queries: { networkMode: 'always', staleTime: 5_000, retry: (failures, error) => failures < 1 && mayPass(error) },
    mutations: { networkMode: 'always', onError: (error) => void (isOver(error) && endSession()) },
  },
});

/** Who is signed in, and what he may do. */
export function useSession(): Session | undefined {
  return useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => answered(client.GET('/v1/session', { signal: within(signal) })),
    staleTime: 60_000,
  }).data;
}

/** Whether whoever is signed in may call an operation; until it is known nothing is offered. */
export function useMay(): (operation: OperationId) => boolean {
  const session = useSession();
  return useCallback(
    (operation) => {
      const needed: string = operationPermissions[operation];
      if (needed === 'person') return session?.user !== undefined;
      return needed === 'self' || needed === 'public' || (session?.permissions as readonly string[] | undefined)?.includes(needed) === true;
    },
    [session],
  );
}
