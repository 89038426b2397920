import type { Experiment } from '../experiment.ts';
import { withIssuer } from '../lab/issuer.ts';
import { callTool } from '../lab/tools.ts';
import { milliseconds, seconds, secondsUntil, slowestWhile } from '../lab/until.ts';

export const jwksAway: Experiment = {
  id: 'jwks-away',
  criterion:
    'While an issuer hangs, new tokens by a key that is known let in within 1 s; one by a new key is told within 20 s that the issuer cannot be asked, slows nobody else by 1 s, and lets in within 60 s of the issuer answering again.',
  async run(lab) {
    const tools = await lab.tools();
    const url = tools.system.up.mcp.gateway_url;
    return withIssuer(tools.ask, async (issuer) => {
      const call = (token: string) => callTool(url, 'lab_good', {}, token);
      await secondsUntil(async () => !(await call(await issuer.sign())).isError, 30);
      issuer.hang();
      const known = await call(await issuer.sign({ jti: 'while it hangs' }));
      await issuer.rotate();
      const token = await issuer.sign();
      const asking = call(token);
      const othersMs = await slowestWhile(asking, () => tools.call('good'));
      const unknown = await asking;
      issuer.answer();
      const backS = await secondsUntil(async () => !(await call(token)).isError, 60);
      const figure = `known key ${milliseconds(known.ms)}, new key ${unknown.text} after ${milliseconds(unknown.ms)}, others ${milliseconds(othersMs)}, back after ${seconds(backS)}`;
      const isSound =
        !known.isError && known.ms < 1_000 && unknown.text.includes('issuer of the token cannot be asked') && unknown.ms < 20_000 && othersMs < 1_000;
      return { figure, passed: isSound };
    });
  },
};
