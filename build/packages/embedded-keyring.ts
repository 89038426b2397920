import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRawAsset } from 'node:sea';
import type * as Keyring from '@napi-rs/keyring';
import { keyringAsset } from './keyring-asset.ts';

/**
 * Stands for `@napi-rs/keyring` in an executable. The system loads code from files only: it is written into a folder that nobody else may enter, and gone
 * again once it is loaded. Where no file of the folder for temporary files may be run, this throws, and tokens are kept in a file.
 */
function load(): typeof Keyring {
  const folder = mkdtempSync(join(tmpdir(), 'stoactl-'));
  try {
    const path = join(folder, keyringAsset);
    writeFileSync(path, new Uint8Array(getRawAsset(keyringAsset)), { mode: 0o700, flag: 'wx' });
    const loaded = { exports: {} };
    process.dlopen(loaded, path);
    return loaded.exports as typeof Keyring;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const { AsyncEntry } = load();
