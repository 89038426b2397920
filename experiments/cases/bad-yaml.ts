import type { Experiment } from '../experiment.ts';
import { asker, statusOf } from '../lab/ask.ts';
import { milliseconds, slowestWhile } from '../lab/until.ts';

const count = 40_000;
const times = (line: (n: number) => string) => Array.from({ length: count }, (_, n) => line(n)).join('\n');
/** A reader for which one line costs as much as all lines before it takes minutes for these. */
const texts: Readonly<Record<string, string>> = {
  keys: times((n) => `k${n}: 1`),
  anchors: times((n) => `k${n}: &a${n} 1`),
  aliases: `x: &a 1\n${times((n) => `k${n}: *a`)}`,
  merges: `x: &a {b: 1}\n${times((n) => `k${n}: {<<: *a}`)}`,
  tags: times((n) => `k${n}: !t${n} 1`),
  documents: '---\n'.repeat(count),
  'open brackets': '['.repeat(count),
  'closed brackets': ']'.repeat(count),
  'anchors of nothing': '&a '.repeat(count),
  tabs: '\t a: b\n'.repeat(count),
  'lines of the wrong depth': ' a:\n  b:\n c:\nd:\n'.repeat(count / 4),
};
const maxMs = 3_000;
const maxProbeMs = 100;

export const badYaml: Experiment = {
  id: 'bad-yaml',
  criterion: `A YAML text of ${count} malformed or repetitive lines is refused within 3 s, while /healthz of the Control Plane answers in less than 100 ms.`,
  async run(lab) {
    const system = await lab.system();
    const { control_plane_url: url, admin_token: token } = system.up;
    const took: { kind: string; status: number; ms: number }[] = [];
    const refused = (async () => {
      for (const [kind, document] of Object.entries(texts)) {
        const { status, ms } = await asker(url, token)('POST', '/v1/apis', { name: 'bad-yaml', document });
        took.push({ kind, status, ms });
      }
    })();
    const probeMs = await slowestWhile(refused, () => statusOf(`${url}/healthz`), 5);
    await refused;
    const [slowest = { kind: 'none', status: 0, ms: Number.NaN }] = took.toSorted((a, b) => b.ms - a.ms);
    return {
      figure: `${milliseconds(slowest.ms)} for ${slowest.kind}; the probe: ${milliseconds(probeMs)}`,
      passed: took.length === Object.keys(texts).length && took.every(({ status, ms }) => status === 422 && ms < maxMs) && probeMs < maxProbeMs,
    };
  },
};
