import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigurationError } from '@stoa/lib/errors.ts';
import { runMain } from '@stoa/lib/run-main.ts';
import { version as productVersion } from '@stoa/lib/version.ts';
import { buildTime } from '../packages/build-time.ts';
import { writeChecksums } from '../packages/checksums.ts';
import { orRefuse } from '../packages/or-refuse.ts';
import { emptyFolder } from '../packages/place-files.ts';
import { images, usualRegistry } from './images.ts';
import { makeImages } from './make-images.ts';
import type { ImageOrder } from './make-images.ts';

const root = join(import.meta.dirname, '../..');
const platforms = ['amd64', 'arm64'] as const;
const usage = `Usage: node build/images/main.ts [options]

Makes an image of each program, for amd64 and arm64, as one archive in the layout of OCI that docker load and ctr images import take as well, with bills of
materials and checksums, without Docker. The same sources give the same bytes: SOURCE_DATE_EPOCH dates them, the time of the last commit otherwise. Debian packages come
from DEBIAN_MIRROR, a URL with {archive} in it; by default from where apt of this machine has them.

Options:
  --image NAME     only ${images.map(({ name }) => name).join(', ')}
  --arch NAME      only ${platforms.join(' or ')}
  --registry NAME  what stands before the images' names (default ${usualRegistry})
  --version X      call the build so and not ${productVersion}
  --out FOLDER     where to write; it is emptied first (default dist/images)`;

await runMain(async () => {
  const order = readArguments();
  if (order === undefined) return console.log(usage);
  await emptyFolder(order.out);
  const place = await mkdtemp(join(tmpdir(), 'stoa-images-'));
  try {
    for (const { reference, digest, bytes } of await makeImages({ ...order, epochS: await buildTime(), place })) {
      const sizes = Object.entries(bytes).map(([platform, size]) => `${platform} ${(size / 1024 / 1024).toFixed(1)} MB`);
      console.log(`${reference}  ${digest}  ${sizes.join(', ')}`);
    }
  } finally {
    await rm(place, { recursive: true, force: true });
  }
  await writeChecksums(order.out);
});

/** What the command line orders, or undefined when it asks for help. */
function readArguments(): Omit<ImageOrder, 'epochS' | 'place'> | undefined {
  const text = { type: 'string' } as const;
  const options = { image: text, arch: text, registry: text, version: text, out: text, help: { type: 'boolean', short: 'h' } } as const;
  const { values } = orRefuse(() => parseArgs({ options, strict: true }));
  if (values.help === true) return undefined;
  const { version = productVersion, registry = usualRegistry } = values;
  if (!/^\d+\.\d+\.\d+(-[0-9a-z.]+)?$/.test(version)) throw new ConfigurationError(['--version must be like 1.2.3 or 1.2.3-rc.1.']);
  if (!/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9]+(?:[._-][a-z0-9]+)*)*$/.test(registry))
    throw new ConfigurationError(['--registry must be like registry.example/stoa, in lower case and without a slash at the end.']);
  return {
    images: only('--image', images, ({ name }) => name, values.image),
    platforms: only('--arch', platforms, (name) => name, values.arch),
    registry,
    version,
    out: resolve(values.out ?? join(root, 'dist/images')),
  };
}

function only<T>(flag: string, all: readonly T[], nameOf: (each: T) => string, wanted: string | undefined): readonly T[] {
  const found = all.filter((each) => wanted === undefined || nameOf(each) === wanted);
  if (found.length === 0) throw new ConfigurationError([`${flag} must be one of ${all.map(nameOf).join(', ')}.`]);
  return found;
}
