import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { sha256 } from './checksums.ts';
import type { Product } from './products.ts';

/** The archives that a formula takes: paths of files whose names are also those of the server. */
export type Archives = { readonly amd64: string; readonly arm64: string; readonly macos: string };

/** `brew services start` runs it with the configuration where Homebrew keeps configurations. */
const service = `
  service do
    run [opt_bin/"stoa-connect", "--config", etc/"stoa/connect.yaml"]
    keep_alive successful_exit: false
    environment_variables STOA_STATE_DIR: var/"lib/stoa-connect"
  end
`;

/** Writes the Homebrew formula of a product whose archives are at a URL; answers its path. */
export async function makeFormula(product: Product, version: string, archives: Archives, url: string, out: string): Promise<string> {
  const words: Readonly<Record<string, string>> = {
    CLASS: product.name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    NAME: product.name,
    SUMMARY: product.summary,
    VERSION: version,
    URL: url,
    SERVICE: product.isService ? service : '',
    LINUX_AMD64: basename(archives.amd64),
    LINUX_ARM64: basename(archives.arm64),
    MACOS: basename(archives.macos),
    SHA_LINUX_AMD64: await sha256(archives.amd64),
    SHA_LINUX_ARM64: await sha256(archives.arm64),
    SHA_MACOS: await sha256(archives.macos),
  };
  const template = await readFile(join(import.meta.dirname, 'files/formula.rb'), 'utf8');
  const path = join(out, `${product.name}.rb`);
  await writeFile(
    path,
    template.replaceAll(/@([A-Z0-9_]+)@/g, (_, word: string) => words[word] ?? ''),
  );
  return path;
}
