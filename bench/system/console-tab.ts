import { setTimeout as delay } from 'node:timers/promises';
import type { CDPSession } from 'playwright-core';
import { openBrowser } from '../../tests/browser.ts';
import { must } from './control-plane.ts';
import type { ControlPlane } from './control-plane.ts';

/** Bytes of answers of the API that a tab of the Console was sent, as they came over the wire. */
export type TabTraffic = { firstPage: number; quietMinute: number };

const settleMs = 5_000;

/** Opens the page of the fleet in a real browser, waits until it has all that it shows, and watches it for a while in which nothing is done. */
export async function watchConsoleTab({ client }: Pick<ControlPlane, 'client'>, quietMs: number): Promise<TabTraffic> {
  const { url } = must(await client.createSignInLink());
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const traffic = await countApiBytes(await page.context().newCDPSession(page));
    await page.goto(url);
    await page.waitForURL('**/gateways/modes');
    await delay(settleMs);
    const firstPage = traffic.bytes();
    await delay(quietMs);
    return { firstPage, quietMinute: ((traffic.bytes() - firstPage) * 60_000) / quietMs };
  } finally {
    await browser.close();
  }
}

/** What is under /v1 is the API; a stream of events has no end, so that its data counts as it comes. */
async function countApiBytes(session: CDPSession): Promise<{ bytes(): number }> {
  const received = new Map<string, number>();
  session.on('Network.responseReceived', ({ requestId, response }) => {
    if (new URL(response.url).pathname.startsWith('/v1/')) received.set(requestId, response.encodedDataLength);
  });
  session.on('Network.dataReceived', ({ requestId, dataLength, encodedDataLength }) => {
    const before = received.get(requestId);
    if (before !== undefined) received.set(requestId, before + (encodedDataLength > 0 ? encodedDataLength : dataLength));
  });
  // The whole of an answer that has ended, compressed and with its head.
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (received.has(requestId)) received.set(requestId, encodedDataLength);
  });
  await session.send('Network.enable');
  return { bytes: () => [...received.values()].reduce((sum, bytes) => sum + bytes, 0) };
}
