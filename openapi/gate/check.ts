import { resolve } from 'node:path';
import { runGate } from './gate.ts';
import { formatReport } from './report.ts';

/** `node openapi/gate/check.ts [repository]`: exits 1 when the contract breaks without an ADR. */
const report = runGate(resolve(process.argv[2] ?? `${import.meta.dirname}/../..`));
console.log(formatReport(report));
process.exitCode = report.passed ? 0 : 1;
