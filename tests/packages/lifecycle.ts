import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFreshRoot, whyNoRoot } from './fresh-root.ts';
import type { FreshRoot } from './fresh-root.ts';

/** Two builds of the same sources, as `.deb` of stoa-connect; `changed` is the newer with other words in the configuration that it ships. */
export type Builds = {
  readonly older: string;
  readonly newer: string;
  readonly changed: string;
  readonly versions: { older: string; newer: string };
};

const configuration = '/etc/stoa/connect.yaml';
const edited = 'control_plane_url: https://stoa.mine.example\n';

/** What holds for the package whatever is in it: the sample of `make test` has a program of a few bytes, `make packages-test` the real one. */
export function describeLifecycle(builds: () => Promise<Builds>): void {
  const reason = whyNoRoot();
  describe.skipIf(reason !== undefined && process.env['CI'] === undefined)(
    `the package of Connect${reason === undefined ? '' : ` (${reason})`}`,
    () => {
      let root: FreshRoot;
      let debs: Builds;
      beforeAll(async () => {
        debs = await builds();
        root = await makeFreshRoot();
        for (const deb of [debs.older, debs.newer, debs.changed]) copyFileSync(deb, join(root.path, 'root', basename(deb)));
      });
      afterAll(() => root?.remove());

      const install = (deb: string, input?: string, flags = '') => root.run(`dpkg ${flags} -i /root/${basename(deb)}`, input);
      const at = (path: string) => join(root.path, path);
      const said = async (line: string) => (await root.run(line)).output.trim();
      const status = () => said("dpkg-query -W -f '${db:Status-Abbrev}${Version}' stoa-connect");
      const succeeds = async (line: string, input?: string) => expect((await root.run(line, input)).status).toBe(0);

      it('installs a program, an account, a service and a configuration, and says what comes next', async () => {
        const { status: code, output } = await install(debs.older);
        expect([code, output]).toEqual([
          0,
          expect.stringContaining('(stoa-connect enroll --server URL --target-url URL --environment NAME --force)'),
        ]);
        expect(await status()).toBe(`ii ${debs.versions.older}`);
        expect(await said('stoa-connect --version')).toBe(`stoa-connect ${debs.versions.older}`);
        expect(await said('getent passwd stoa-connect')).toMatch(/:\/var\/lib\/stoa-connect:\/usr\/sbin\/nologin$/m);
        expect(await said('dpkg --verify stoa-connect')).toBe('');
        expect(statSync(at(configuration)).mode & 0o777).toBe(0o644);
        await succeeds('test -L /etc/systemd/system/multi-user.target.wants/stoa-connect.service');
      });

      it('keeps an edited configuration and the state when it is updated', async () => {
        writeFileSync(at(configuration), edited);
        await succeeds('install -d -o stoa-connect -g stoa-connect -m 700 /var/lib/stoa-connect && echo kept > /var/lib/stoa-connect/state');
        expect((await install(debs.newer)).status).toBe(0);
        expect(await status()).toBe(`ii ${debs.versions.newer}`);
        expect(readFileSync(at(configuration), 'utf8')).toBe(edited);
        expect(readFileSync(at('/var/lib/stoa-connect/state'), 'utf8')).toBe('kept\n');
      });

      it('keeps it also when the package has another one now, and lays that beside it', async () => {
        expect((await install(debs.changed, '', '--force-confdef --force-confold')).status).toBe(0);
        expect(readFileSync(at(configuration), 'utf8')).toBe(edited);
        expect(readFileSync(at(`${configuration}.dpkg-dist`), 'utf8')).toMatch(/control_plane_url/);
      });

      it('refuses a downgrade with a sentence, and what was installed stays', async () => {
        const { status: code, output } = await install(debs.older);
        expect(code).not.toBe(0);
        expect(output).toContain(`stoa-connect ${debs.versions.newer} was installed here, and ${debs.versions.older} is older`);
        expect(output).toContain('apt-get purge stoa-connect');
        expect(await status()).toBe(`ii ${debs.versions.newer}`);
        expect(await said('stoa-connect --version')).toBe(`stoa-connect ${debs.versions.newer}`);
      });

      it('leaves configuration, key and state when it is removed, and an older one is still refused', async () => {
        writeFileSync(at('/etc/stoa/gateway.key'), 'a key\n', { mode: 0o600 });
        await succeeds('dpkg -r stoa-connect');
        expect(await status()).toBe(`rc ${debs.versions.newer}`);
        expect(existsSync(at('/usr/bin/stoa-connect'))).toBe(false);
        for (const path of [configuration, '/etc/stoa/gateway.key', '/var/lib/stoa-connect/state'])
          expect([path, existsSync(at(path))]).toEqual([path, true]);
        expect((await install(debs.older)).output).toContain('is older');
      });

      it('leaves nothing but its account when it is purged', async () => {
        await succeeds('dpkg -P stoa-connect');
        expect(
          await said(
            "find / -xdev -path /proc -prune -o -path /root -prune -o -path /var/log -prune -o \\( -name '*stoa*' -o -path '*/stoa/*' \\) -print",
          ),
        ).toBe('');
        await succeeds('getent passwd stoa-connect');
      });

      it('asks before it replaces a configuration that was there before it', async () => {
        mkdirSync(at('/etc/stoa'));
        writeFileSync(at(configuration), edited);
        // Nobody answers.
        const asked = await install(debs.newer);
        expect([asked.status, asked.output]).toEqual([
          1,
          expect.stringMatching(/\/etc\/stoa\/connect\.yaml[\s\S]*What would you like to do about it/),
        ]);
        expect(readFileSync(at(configuration), 'utf8')).toBe(edited);
        await succeeds('dpkg --configure stoa-connect', 'N\n');
        expect(readFileSync(at(configuration), 'utf8')).toBe(edited);
        await succeeds('dpkg -P stoa-connect');
      });
    },
  );
}
