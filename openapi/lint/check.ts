import { resolve } from 'node:path';
import { formatProblem, lintContract } from './lint.ts';

/** The documents of the contract. */
const entries = ['registration.yaml', 'control-plane.yaml', 'runtime.yaml', 'manifests.yaml'];

/** `node openapi/lint/check.ts`: prints what is wrong with the documents and exits 1 when anything is. */
const root = resolve(import.meta.dirname, '../..');
const problems = await lintContract(resolve(root, 'openapi'), entries);
for (const problem of problems) console.log(formatProblem(problem, root));
console.log(problems.length === 0 ? `${entries.join(', ')}: nothing to say against.` : `${String(problems.length)} problems.`);
process.exitCode = problems.length === 0 ? 0 : 1;
