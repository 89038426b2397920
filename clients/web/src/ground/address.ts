import { useParams, useRouter } from '@tanstack/react-router';
import type { RouterHistory } from '@tanstack/react-router';

/** The addresses of this tab, to go to another. */
export const useAddresses = (): RouterHistory => useRouter().history as RouterHistory;

/** A part of the address, as the route of the page names it; empty where it has none. */
export function usePart(name: string): string {
  const parts: Readonly<Record<string, string | undefined>> = useParams({ strict: false });
  return parts[name] ?? '';
}
