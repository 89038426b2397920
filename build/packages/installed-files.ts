import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Product } from './products.ts';

/** A file as it will lie on a machine: everything belongs to root, and nothing tells when it was made. */
export type InstalledFile = {
  readonly path: string;
  readonly mode: number;
  readonly content: { readonly file: string } | { readonly text: string } | { readonly bytes: Buffer };
  /** Configuration, which an update leaves as it was edited. */
  readonly isConfiguration?: true;
};

/** One executable and what tells of it: what all kinds of packages are made of. */
export type Built = {
  readonly product: Product;
  readonly version: string;
  readonly epochS: number;
  readonly executable: string;
  readonly sbom: string;
  readonly licences: string;
  /** What `--help` prints. */
  readonly help: string;
};

const folder = join(import.meta.dirname, 'files');

/** A file of `files/`, with what it says of the product put in. */
export async function template(name: string, { product, version }: Pick<Built, 'product' | 'version'>): Promise<string> {
  const text = await readFile(join(folder, name), 'utf8');
  return text.replaceAll('@NAME@', product.name).replaceAll('@VERSION@', systemVersion(version));
}

/** A version before a release, `1.0.0-rc.1`, stands before it in the order of both package managers when it is written with a tilde. */
export const systemVersion = (version: string): string => version.replace('-', '~');

/** What a package of a system installs. Documents are packed, as Debian wants it; without a time in it, the same text gives the same bytes. */
export async function installedFiles(built: Built): Promise<InstalledFile[]> {
  const { product, executable, sbom, licences } = built;
  const { name } = product;
  const documents = `/usr/share/doc/${name}`;
  const text = (path: string, content: string): InstalledFile => ({ path, mode: 0o644, content: { text: content } });
  const packed = (path: string, content: string): InstalledFile => ({ path: `${path}.gz`, mode: 0o644, content: { bytes: packedBytes(content) } });
  return [
    { path: `/usr/bin/${name}`, mode: 0o755, content: { file: executable } },
    packed(`/usr/share/man/man${product.manual}/${name}.${product.manual}`, manualPage(built)),
    text(`${documents}/copyright`, await template('copyright', built)),
    packed(`${documents}/THIRD-PARTY-LICENCES.txt`, licences),
    packed(`${documents}/sbom.cdx.json`, sbom),
    ...(product.isService ? await serviceFiles(built) : []),
  ];
}

async function serviceFiles(built: Built): Promise<InstalledFile[]> {
  return [
    { path: '/etc/stoa/connect.yaml', mode: 0o644, content: { text: await template('stoa-connect/connect.yaml', built) }, isConfiguration: true },
    {
      path: '/usr/lib/systemd/system/stoa-connect.service',
      mode: 0o644,
      content: { text: await template('stoa-connect/stoa-connect.service', built) },
    },
  ];
}

export const packedBytes = (text: string): Buffer => gzipSync(text, { level: 9 });

/** The page of the manual says what `--help` says, as it says it. */
function manualPage({ product, version, epochS, help }: Built): string {
  const day = new Date(epochS * 1000).toISOString().slice(0, 10);
  const escaped = help
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1');
  return `.TH ${product.name.toUpperCase()} ${product.manual} ${day} "STOA ${version}"
.SH NAME
${product.name.replaceAll('-', '\\-')} \\- ${product.summary}
.SH DESCRIPTION
${product.description}
.SH USAGE
.nf
${escaped.trimEnd()}
.fi
`;
}
