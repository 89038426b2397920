import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Built } from '../../build/packages/installed-files.ts';
import { products } from '../../build/packages/products.ts';

/** What a package of Connect is made of, whole but for its program, which tells its version and no more. `place` is for what is on the way. */
export function sampleOf(version: string, place: string): { built: Built; place: string; out: string } {
  const [connect] = products;
  if (connect === undefined) throw new Error('There is nothing to make packages of.');
  const out = join(place, 'out');
  mkdirSync(out, { recursive: true });
  const executable = join(place, connect.name);
  writeFileSync(executable, `#!/bin/sh\necho ${connect.name} ${version}\n`, { mode: 0o755 });
  const texts = { sbom: '{}\n', licences: 'None.\n', help: 'Usage: stoa-connect\n' };
  return { built: { product: connect, version, epochS: 1_796_000_000, executable, ...texts }, place, out };
}
