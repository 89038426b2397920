import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Starts a headless Chromium: the one that `STOA_TEST_CHROMIUM` names, else the one that npm brought along, so that tests and
 * screenshots need nothing installed and draw the same fonts everywhere. The caller closes it.
 */
export async function openBrowser(): Promise<Browser> {
  const given = process.env['STOA_TEST_CHROMIUM'];
  const directory = given === undefined ? await unpackedChromium() : undefined;
  return chromium.launch({
    executablePath: given ?? join(directory!, 'chromium'),
    // Chromium refuses to run as root inside its sandbox, and containers often forbid it; the pages are our own.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--font-render-hinting=none'],
    ...(directory === undefined ? {} : { env: { ...ownEnvironment(), ...chromiumEnvironment(directory) } }),
  });
}

/** The directory with Chromium and its fonts, unpacked once for each version; processes that race for it all end with a whole one. */
async function unpackedChromium(): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('The Chromium from npm is for Linux on x64: name an installed one in STOA_TEST_CHROMIUM.');
  }
  const manifest = JSON.parse(await readFile(join(root, 'node_modules/@sparticuz/chromium/package.json'), 'utf8')) as { version: string };
  const cache = join(root, 'node_modules', '.cache');
  const directory = join(cache, `stoa-chromium-${manifest.version}`);
  if (existsSync(directory)) return directory;
  await mkdir(cache, { recursive: true });
  const staging = await mkdtemp(join(cache, 'unpacking-'));
  try {
    await unpack(staging);
    await writeFile(join(staging, 'fonts.conf'), fontsConfiguration(directory));
    await rename(staging, directory);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    // Somebody else was faster, or it truly failed.
    if (!existsSync(directory)) throw error;
  }
  return directory;
}

/** The package unpacks into the directory for temporary files, under a fixed name: a process of its own gives it one that nobody else uses. */
async function unpack(directory: string): Promise<void> {
  const script = "const { default: chromium } = await import('@sparticuz/chromium'); await chromium.executablePath();";
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: root,
    // The libraries are unpacked only where it takes itself to be on a bare cloud function.
    env: { ...ownEnvironment(), TMPDIR: directory, AWS_LAMBDA_JS_RUNTIME: 'nodejs24.x' },
    timeout: 60_000,
  });
}

/** Its own fonts, and the few libraries that a minimal system lacks (NSS, NSPR, Expat). */
function chromiumEnvironment(directory: string): Record<string, string> {
  return { FONTCONFIG_FILE: join(directory, 'fonts.conf'), LD_LIBRARY_PATH: join(directory, 'al2023', 'lib') };
}

function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

const fontsConfiguration = (directory: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${directory}/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${directory}/font-cache</cachedir>
  <alias binding="same"><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>
  <alias binding="same"><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
`;
