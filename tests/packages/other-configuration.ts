import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The same package with a line more in the configuration that it ships. */
export function withOtherConfiguration(deb: string, out: string): string {
  const tree = join(out, 'changed');
  execFileSync('dpkg-deb', ['-R', deb, tree]);
  const file = join(tree, 'etc/stoa/connect.yaml');
  writeFileSync(file, `${readFileSync(file, 'utf8')}#log_level: info\n`);
  const changed = join(out, 'changed.deb');
  execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '-b', tree, changed]);
  return changed;
}
