import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { keepEnglishAlone } from './english-data.ts';
import { keyringAsset } from './keyring-asset.ts';
import { lockedPackage } from './locked-package.ts';
import type { Platform } from './platforms.ts';
import type { Product } from './products.ts';
import { runTool } from './tools.ts';

/** Names and the switch that Node.js looks for in its own file (nodejs.org, "Single executable applications"). */
const resource = 'NODE_SEA_BLOB';
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/**
 * Makes one file that holds a program and its Node.js: languages that nothing here speaks and symbols that only a debugger reads are taken out, the script is put in.
 */
export async function makeExecutable(product: Product, platform: Platform, script: string, place: string): Promise<string> {
  const blob = await makeBlob(product, platform, script, place);
  const executable = join(place, product.name);
  const node = await readFile(join(await lockedPackage(platform.node), 'bin/node'));
  keepEnglishAlone(node);
  await writeFile(executable, node, { mode: 0o755 });
  await runTool(platform.strip.program, [executable], { package: platform.strip.package });
  // As a program, since it prints about sections that were stripped whatever it is asked.
  const postject = createRequire(import.meta.url).resolve('postject/dist/cli.js');
  await runTool(process.execPath, [postject, executable, resource, blob, '--sentinel-fuse', fuse]);
  return executable;
}

async function makeBlob({ nodeOptions, hasKeyring }: Product, platform: Platform, script: string, place: string): Promise<string> {
  // Relative names, since they are kept in what is made.
  const [main, config, output] = ['script.cjs', 'sea.json', 'sea.blob'] as const;
  await writeFile(join(place, main), script);
  const fields = {
    main,
    output,
    disableExperimentalSEAWarning: true,
    // What V8 compiles is another at each build, and could be made for the platform of the builder alone.
    useCodeCache: false,
    execArgv: nodeOptions,
    // NODE_OPTIONS are for the Node.js of whoever calls, not for that of a product.
    execArgvExtension: 'none',
    assets: hasKeyring ? { [keyringAsset]: await keyringOf(platform) } : {},
  };
  await writeFile(join(place, config), JSON.stringify(fields));
  await runTool(process.execPath, ['--experimental-sea-config', config], { cwd: place });
  return join(place, output);
}

async function keyringOf({ keyring }: Platform): Promise<string> {
  const folder = await lockedPackage(keyring);
  const { main } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { main: string };
  return join(folder, main);
}
