import { runRuntime } from './run-runtime.ts';
import { runtimeKinds } from './subjects/runtime.ts';

runRuntime(runtimeKinds.gateway);
