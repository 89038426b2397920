import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ExpectedError } from '@stoa/lib/errors.ts';
import { runMain } from '@stoa/lib/run-main.ts';
import { writeChecksums } from '../packages/checksums.ts';
import { emptyFolder } from '../packages/place-files.ts';
import { runTool } from '../packages/tools.ts';
import { helm, render } from './helm.ts';
import { matrix } from './matrix.ts';
import { openApiJudge } from './openapi-judge.ts';
import { chartNames, placeChart } from './place-charts.ts';

const out = join(import.meta.dirname, '../../dist/charts');

/** `make charts`: lints each chart, renders it with every set of values, has what comes of it judged, and packages it. */
await runMain(async () => {
  const place = await mkdtemp(join(tmpdir(), 'stoa-charts-'));
  try {
    await emptyFolder(out);
    const rendered = join(place, 'rendered');
    await emptyFolder(rendered);
    for (const name of chartNames) {
      const chart = await placeChart(name, place);
      await helm('lint', '--strict', '--quiet', chart);
      for (const [at, { values }] of matrix[name].entries())
        await writeFile(join(rendered, `${name}-${at}.yaml`), await render(chart, 'stoa', values));
      await helm('package', chart, '--destination', out);
      console.log(`${name}: linted, rendered with ${matrix[name].length} sets of values, packaged.`);
    }
    console.log(await judge(rendered));
    await writeChecksums(out);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
});

/** By kubeconform, where it is; by Kubernetes' own OpenAPI document, where KUBERNETES_OPENAPI names it; by the API server that KUBECONFIG names. */
async function judge(rendered: string): Promise<string> {
  const files = (await readdir(rendered)).map((file) => join(rendered, file));
  const { KUBERNETES_OPENAPI: document, KUBECONFORM_SCHEMAS: schemas, KUBECONFIG: cluster } = process.env;
  if (document !== undefined) return judgeByDocument(files, document);
  if (isThere('kubeconform')) {
    const location = schemas === undefined ? [] : ['-schema-location', schemas];
    return runTool('kubeconform', ['-strict', '-summary', '-kubernetes-version', '1.34.0', '-skip', custom.join(','), ...location, ...files]);
  }
  if (cluster !== undefined && isThere('kubectl')) {
    for (const file of files) {
      await writeFile(file, withoutCustomKinds(await readFile(file, 'utf8')));
      await runTool('kubectl', ['apply', '--dry-run=server', '--validate=strict', '-f', file]);
    }
    return `The API server takes what ${files.length} renderings make.`;
  }
  const missing = 'kubeconform is missing, and neither KUBERNETES_OPENAPI names a document of Kubernetes nor KUBECONFIG a cluster';
  if (process.env['CI'] !== undefined) throw new ExpectedError(`${missing}: install it, or set one of them, and run this again.`);
  return `${missing}: what was rendered was judged by the tests alone.`;
}

async function judgeByDocument(files: readonly string[], document: string): Promise<string> {
  const faultsOf = openApiJudge(JSON.parse(await readFile(document, 'utf8')) as Parameters<typeof openApiJudge>[0]);
  const texts = await Promise.all(files.map(async (file) => [file, await readFile(file, 'utf8')] as const));
  const faults = texts.flatMap(([file, text]) => faultsOf(text).map((fault) => `${basename(file)}: ${fault}`));
  if (faults.length > 0) throw new ExpectedError(`Kubernetes would refuse what was rendered:\n${faults.join('\n')}`);
  return `${document} takes what ${files.length} renderings make.`;
}

/** Kinds that a cluster has only where their operators are. */
const custom = ['ServiceMonitor', 'PrometheusRule', 'HTTPRoute'];

const withoutCustomKinds = (text: string): string =>
  text
    .split(/^---$/m)
    .filter((document) => !custom.some((kind) => document.includes(`\nkind: ${kind}\n`)))
    .join('---');

function isThere(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
