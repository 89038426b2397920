import { operations } from '@stoa/generated/operations.ts';
import type { ContractOperation, OperationId } from '@stoa/generated/operations.ts';

/** The operations of the contract, those on paths without parameters first, so that /gateways/modes is not taken for a gateway's id. */
export function fixedPathsFirst(): (ContractOperation & { readonly id: OperationId })[] {
  return (Object.entries(operations) as [OperationId, ContractOperation][])
    .map(([id, operation]) => ({ id, ...operation }))
    .sort((a, b) => Number(a.path.includes('{')) - Number(b.path.includes('{')));
}

/** A path of the contract as Express writes it. */
export const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');
