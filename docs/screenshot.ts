import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createControlPlaneClient } from '@stoa/generated/client.ts';
import { openBrowser } from '../tests/browser.ts';

// Takes the README's picture of /gateways/modes from a product that `make up` has started:
//   node docs/screenshot.ts [up.json] [picture.png]

const fromRoot = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const [upFile = fromRoot('.stoa/up.json'), picture = fromRoot('docs/images/gateways-modes.png')] = process.argv.slice(2);
const modes = ['STOA Gateway', 'STOA Link', 'STOA Connect'];

const up = await readFile(upFile, 'utf8').then(
  (text) => JSON.parse(text) as { control_plane_url: string; admin_token: string },
  () => undefined,
);
if (up === undefined) {
  console.error(`There is no readable ${upFile}: start the product with \`make up\` first.`);
  process.exit(1);
}
const client = createControlPlaneClient({ baseUrl: up.control_plane_url, headers: { authorization: `Bearer ${up.admin_token}` } });
const { data: link, response } = await client.createSignInLink();
if (link === undefined) {
  console.error(`The Control Plane at ${up.control_plane_url} gave no sign-in link: it answered ${response.status}.`);
  process.exit(1);
}
const browser = await openBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 2, colorScheme: 'light' });
  await page.goto(link.url);
  await page.waitForURL('**/gateways/modes');
  // An instance of each mode, online and with its configuration applied: that is what the README promises.
  for (const name of modes) {
    const section = page.getByRole('region', { name });
    await section.getByText('Online', { exact: true }).first().waitFor();
    await section
      .getByText(/^In sync/)
      .first()
      .waitFor();
  }
  await mkdir(dirname(picture), { recursive: true });
  await page.screenshot({ path: picture, fullPage: true, animations: 'disabled' });
  console.log(`Wrote ${picture}.`);
} finally {
  await browser.close();
}
