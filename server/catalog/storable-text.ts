import type { ProblemFault } from '@stoa/lib/problem.ts';
import { invalid } from '../errors.ts';

const maxFaults = 20;

/**
 * Refuses text that PostgreSQL cannot store: NUL and halves of surrogate pairs. JSON can say them and no pattern of the contract
 * forbids them in free text. The bodies of requests are bounded, and so is this walk.
 * @throws ApiError 400 that names every place
 */
export function requireStorableText(body: unknown): void {
  const errors: ProblemFault[] = [];
  const waiting: { value: unknown; pointer: string }[] = [{ value: body, pointer: '/body' }];
  for (let entry = waiting.pop(); entry !== undefined && errors.length < maxFaults; entry = waiting.pop()) {
    const { value, pointer } = entry;
    if (typeof value === 'string' && !isStorable(value))
      errors.push({ pointer, message: 'must not hold NUL characters or halves of surrogate pairs' });
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, item] of Object.entries(value)) {
      if (!isStorable(key)) errors.push({ pointer, message: 'must not have keys with NUL characters or halves of surrogate pairs' });
      waiting.push({ value: item, pointer: `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}` });
    }
  }
  if (errors.length > 0) throw invalid(errors);
}

function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
