import { AdminError } from '../../engine/admin-error.ts';
import { shorten } from '../../engine/compare.ts';
import type { Writer } from '../../engine/model.ts';
import { generationIn, objectAtLine } from './document.ts';
import type { NginxWrite } from './plan.ts';
import { afterReload, isServed } from './served.ts';
import type { Pace } from './served.ts';
import type { Ended, NginxTools } from './tools.ts';

/**
 * Puts the file there, has nginx test it, has it reload, and waits until new connections are answered by it: neither of the two exit codes says that. What nginx does not
 * take is replaced by what was there before, or the next restart would not come up.
 */
export function nginxWriter(tools: NginxTools, there: string | undefined, pace: Pace = afterReload): Writer<NginxWrite> {
  return {
    async write({ payload: { file, text } }, permit) {
      await tools.put(file, text);
      try {
        await take({ file, text }, permit);
      } catch (error) {
        // Unless somebody else has written it meanwhile, who has the lease now.
        if ((await tools.read(file)) === text) await tools.put(file, there);
        throw error;
      }
    },
  };

  async function take({ file, text }: NginxWrite, permit: () => void): Promise<void> {
    const tested = await tools.test();
    const conflict = /\[warn\] (conflicting server name .*)/.exec(tested.said)?.[1];
    if (tested.code !== 0 || conflict !== undefined) throw refusal('nginx does not take it', conflict ?? reasonIn(tested), file, text);
    permit();
    const before = await tools.errorLog();
    const { code, ...reloaded } = await tools.reload();
    if (code !== 0) throw new AdminError('unavailable', `nginx could not be told to reload: ${reasonIn({ code, ...reloaded })}`);
    const wanted = text === undefined ? undefined : generationIn(text);
    if (await isServed(tools, wanted, pace)) return;
    const log = await tools.errorLog();
    const news = log.startsWith(before) ? log.slice(before.length) : log;
    // The last of several tries says only that it was one.
    const why = news.split('\n').findLast((line) => line.includes('[emerg]') && !line.includes('still could not bind()'));
    throw refusal('nginx was told to reload, and goes on with what it had', why ?? 'its error log says why (STOA_NGINX_ERROR_LOG)', file, text);
  }
}

/** What nginx refuses by its line is about one object: the engine goes on without it. */
function refusal(what: string, said: string, file: string, text: string | undefined): AdminError {
  const line = said.includes(file) ? /:(\d+)\s*$/.exec(said.trim())?.[1] : undefined;
  const id = line === undefined || text === undefined ? undefined : objectAtLine(text, Number(line));
  const reason = shorten(said.trim(), 500);
  return new AdminError('refused', `${what}: ${reason}.`, { culprits: new Map(id === undefined ? [] : [[id, `nginx does not take it: ${reason}`]]) });
}

/** The line that says what is wrong, and not how many were read before. */
function reasonIn({ said }: Ended): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  return shorten((lines.find((line) => /\[(emerg|alert|error)\]/.test(line)) ?? lines[0] ?? 'it said nothing').replace(/^nginx: /, ''), 500);
}
