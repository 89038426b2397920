import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigurationError } from '@stoa/lib/errors.ts';
import { runMain } from '@stoa/lib/run-main.ts';
import { version as productVersion } from '@stoa/lib/version.ts';
import { buildTime } from './build-time.ts';
import { writeChecksums } from './checksums.ts';
import { kinds, makePackages } from './make-packages.ts';
import type { Order } from './make-packages.ts';
import { emptyFolder } from './place-files.ts';
import { orRefuse } from './or-refuse.ts';
import { platforms } from './platforms.ts';
import { products } from './products.ts';

const root = join(import.meta.dirname, '../..');
const names = (list: readonly { name: string }[]): string[] => list.map(({ name }) => name);
const usage = `Usage: node build/packages/main.ts [options]

Makes the packages of stoa-connect and of stoactl: .deb, .rpm, tarballs with a single executable, a Homebrew formula, an npm package of stoactl, bills of
materials and checksums. The same sources give the same bytes: SOURCE_DATE_EPOCH dates them, the time of the last commit otherwise.

Options, each but the last three for less than everything:
  --product NAME  ${names(products).join(' or ')}
  --arch NAME     ${names(platforms).join(' or ')}
  --kind NAME     ${kinds.join(', ')}
  --version X     call the build so and not ${productVersion}
  --url URL       where the tarballs of the formula will be (default https://packages.example/stoa)
  --out FOLDER    where to write; it is emptied first (default dist/packages)`;

await runMain(async () => {
  const order = readArguments();
  if (order === undefined) return console.log(usage);
  await emptyFolder(order.out);
  const place = await mkdtemp(join(tmpdir(), 'stoa-packages-'));
  try {
    await makePackages({ ...order, epochS: await buildTime(), place });
  } finally {
    await rm(place, { recursive: true, force: true });
  }
  for (const line of await writeChecksums(order.out)) console.log(line);
});

/** What the command line orders, or undefined when it asks for help. */
function readArguments(): Omit<Order, 'epochS' | 'place'> | undefined {
  const text = { type: 'string' } as const;
  const options = { product: text, arch: text, kind: text, version: text, url: text, out: text, help: { type: 'boolean', short: 'h' } } as const;
  const { values } = orRefuse(() => parseArgs({ options, strict: true }));
  if (values.help === true) return undefined;
  const version = values.version ?? productVersion;
  if (!/^\d+\.\d+\.\d+(-[0-9a-z.]+)?$/.test(version)) throw new ConfigurationError(['--version must be like 1.2.3 or 1.2.3-rc.1.']);
  const one = values.kind === undefined ? kinds : kinds.filter((kind) => kind === values.kind);
  if (one.length === 0) throw new ConfigurationError([`--kind must be one of ${kinds.join(', ')}.`]);
  return {
    products: chosen('--product', products, values.product),
    platforms: chosen('--arch', platforms, values.arch),
    // A formula names the tarballs of every platform.
    kinds: values.kind === 'formula' ? ['tarball', 'formula'] : one.filter((kind) => kind !== 'formula' || values.arch === undefined),
    version,
    url: (values.url ?? 'https://packages.example/stoa').replace(/\/+$/, ''),
    out: resolve(values.out ?? join(root, 'dist/packages')),
  };
}

function chosen<T extends { name: string }>(flag: string, all: readonly T[], name: string | undefined): readonly T[] {
  const found = name === undefined ? all : all.filter((each) => each.name === name);
  if (found.length === 0) throw new ConfigurationError([`${flag} must be one of ${names(all).join(', ')}.`]);
  return found;
}
