/** One file of Debian's archive, by the digest that its signed index gives. */
export type Pin = { readonly path: string; readonly sha256: string };

export type DebianPackage = {
  readonly name: string;
  readonly version: string;
  readonly archive: 'debian' | 'debian-security';
  /** One for each platform; the same one twice where Debian has one for all. */
  readonly files: { readonly amd64: Pin; readonly arm64: Pin };
  /** What an image gets of it: names as a shell expands them, a folder for all that is below it. */
  readonly kept: readonly string[];
};

/** The release that they are of, for scanners that look vulnerabilities up by it. */
export const debian = { version: '12', codename: 'bookworm' } as const;

const each = (folder: string, name: string, version: string, amd64: string, arm64: string): DebianPackage['files'] => ({
  amd64: { path: `pool/main/${folder}/${name}_${version}_amd64.deb`, sha256: amd64 },
  arm64: { path: `pool/main/${folder}/${name}_${version}_arm64.deb`, sha256: arm64 },
});
const same = (path: string, sha256: string): DebianPackage['files'] => ({ amd64: { path, sha256 }, arm64: { path, sha256 } });

const glibc = '2.36-9+deb12u14';
const gcc = '12.2.0-14+deb12u1';
const certificates = '20250419~deb12u2';
const zones = '2026f-0+deb12u1';

/** All that an image has of Debian. The C library's character sets stay out: nothing here asks for them, and faults have been found in them. */
export const debianPackages: readonly DebianPackage[] = [
  {
    name: 'libc6',
    version: glibc,
    archive: 'debian',
    files: each(
      'g/glibc',
      'libc6',
      glibc,
      'ba4f88f73dbc3ae9055f3c20f4523bfdbaf1ad13ff95e258924f77d20b4fbedf',
      '01f4330719fd4f65580e16ea5a0527f372fca750e8f588d26deaf09f2d3b1cf4',
    ),
    kept: ['lib/*-linux-gnu/*.so*', 'lib*/ld-linux-*.so.*', 'usr/share/doc/libc6/copyright'],
  },
  {
    name: 'libgcc-s1',
    version: gcc,
    archive: 'debian',
    files: each(
      'g/gcc-12',
      'libgcc-s1',
      gcc,
      '3016e62cb4b7cd8038822870601f5ed131befe942774d0f745622cc77d8a88f7',
      '576926b283613db80168ddf76380a3bd877602778cf0d226caa7bfbfa71eacf3',
    ),
    kept: ['lib/*-linux-gnu/libgcc_s.so.1', 'usr/share/doc/libgcc-s1'],
  },
  {
    name: 'libstdc++6',
    version: gcc,
    archive: 'debian',
    files: each(
      'g/gcc-12',
      'libstdc++6',
      gcc,
      '5cd3171216d4ab0fc911cfe9c35509bf2dd8f47761c43b7f6a4296701551a24d',
      '26e138c677a985775331373828a6c286c551ff397cb735d00e2383cb273d1cb2',
    ),
    kept: ['usr/lib/*-linux-gnu/libstdc++.so.6*', 'usr/share/doc/libstdc++6'],
  },
  {
    // The licence of the two before it: their own documents are links to this one.
    name: 'gcc-12-base',
    version: gcc,
    archive: 'debian',
    files: each(
      'g/gcc-12',
      'gcc-12-base',
      gcc,
      '1896a2aacf4ad681ff5eacc24a5b0ca4d5d9c9b9c9e4b6de5197bc1e116ea619',
      '674cf6cba6d432bd200c45fe866c1652c7a53523cc2e7a613e05bc4abf7b5440',
    ),
    kept: ['usr/share/doc/gcc-12-base/copyright'],
  },
  {
    name: 'ca-certificates',
    version: certificates,
    archive: 'debian-security',
    files: same(
      `pool/updates/main/c/ca-certificates/ca-certificates_${certificates}_all.deb`,
      'b9f76b5271a7ac373fd5e7e1b5b826a71ddd702b42a0d104955ecb1acfffc94b',
    ),
    kept: ['usr/share/ca-certificates/mozilla', 'usr/share/doc/ca-certificates/copyright'],
  },
  {
    name: 'tzdata',
    version: zones,
    archive: 'debian-security',
    files: same(`pool/updates/main/t/tzdata/tzdata_${zones}_all.deb`, '3254eb870c8a949518214805aee5e4276af7699988ea8b9a3a583cd0f1eab31c'),
    kept: ['usr/share/zoneinfo', 'usr/share/doc/tzdata/copyright'],
  },
];
