import type { RuntimeKind } from '../../subjects/runtime.ts';
import type { Suite } from '../case.ts';
import { alone } from './alone.ts';
import { connectOnly } from './connect-only.ts';
import { differences } from './differences.ts';
import { metering } from './metering.ts';
import { misfortune } from './misfortune.ts';
import { ordinaryLife } from './ordinary-life.ts';
import { signingKeys } from './signing-keys.ts';
import { twoCalls } from './two-calls.ts';

/** What a runtime must do at the harness, by subject matter. */
export function runtimeSuites(kind: RuntimeKind): Readonly<Record<string, Suite<RuntimeKind>>> {
  const own = kind.servesMcp ? { metering } : { 'writing to a gateway': connectOnly };
  return { 'the two calls': twoCalls, 'ordinary life': ordinaryLife, differences, misfortune, 'signing keys': signingKeys, alone, ...own };
}
