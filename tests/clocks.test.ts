import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const programs = ['runtimes', 'server', 'clients/control-plane', 'lib'];
const sources = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...programs], { cwd: root, encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('/testing/'));
const wallClock = /\bDate\.now\b|\bnew Date\(\)/;

/** Who may read a clock that somebody can set back, and why nothing that has ended comes to life again by it. */
const mayRead: Record<string, string> = {
  'lib/clock.ts': 'makes of it the clock that never goes back',
  'lib/quick/lane.ts': 'dates answers',
  'lib/telemetry/observed-request.ts': 'spans begin at a time of day, and last by the other clock',
  'lib/telemetry/sdk.ts': 'metrics tell between which times of day they were counted',
  'clients/control-plane/lease.ts': 'ends a lease early by it, and never late: the monotonic clock ends it too',
  'clients/control-plane/call.ts': 'turns a date of a reply into a wait, at once',
  'clients/control-plane/usage-spool.ts': 'names files in the order of the starts',
  'runtimes/mcp/metering/meter.ts': 'tells when calls were made',
  'server/access/consumer-rows.ts': 'shows which keys are good still; the clock of the database decides',
  'server/access/key-rows.ts': 'shows a state; the clock of the database decides',
  'server/access/expiry.ts': 'judges a date that was just sent',
  'server/operations/access/create-sign-in-link.ts': 'writes a new date',
  'server/identity/interactions.ts':
    'ends a step of signing in that another replica may have begun; what it proves is of no use without the second factor, which is good once',
  'server/identity/exchange-token.ts': 'ends a token no later than the one that it was exchanged for, whose end is written in it',
  'server/identity/issuer.ts': 'tells when a session ends; the clock of the database decides',
  'server/identity/members.ts': 'tells when somebody was disabled and when sessions ended, which they are at any time that is written',
  'server/identity/totp.ts': 'tells the code of this moment, which is what the time is for; the database takes each step once and in their order',
  'server/catalog/revise-api.ts': 'tells when it was changed',
  'server/operations/catalog/update-policy.ts': 'tells when it was changed',
  'server/operations/plans/edit-plan.ts': 'tells when it was changed',
  'server/operations/issuers/update-trusted-issuer.ts': 'tells when it was changed',
  'server/operations/mcp-servers/update-mcp-server.ts': 'tells when it was changed',
  'server/operations/tool-sets/update-tool-set.ts': 'tells when it was changed',
  'server/mcp-servers/decide.ts': 'tells when somebody decided',
  'server/mcp-servers/report-rows.ts': 'tells when it was reported, and let through',
  'server/operations/teams/edit-team.ts': 'tells when it was changed',
  'server/operations/teams/delete-team.ts': 'asks whether a key is good still',
  'server/operations/tenants/edit-tenant.ts': 'since when a tenant is suspended is shown to people, who have a wall clock',
  'server/deployments/carry-policies.ts': 'tells when it was changed',
  'server/approvals/calls.ts': 'writes a new date; the clock of the database decides',
  'server/approvals/approval-rows.ts': 'shows a state; the clock of the database decides',
  'server/approvals/four-eyes.ts': 'writes a new date, and looks for what waits already; the clock of the database decides',
  'server/approvals/requester.ts': 'asks whether a token is good still',
  'server/operations/approvals/list-approvals.ts': 'shows a state; the clock of the database decides',
  'server/operations/usage/get-usage.ts': 'ends the span that is shown',
  'server/tenants/narrow-keys.ts': 'when a key was revoked, for people',
};

it('what is remembered is measured by clocks that never go back: the wall clock is read where a reason is given, and nowhere else', () => {
  const reading = sources.filter((file) => wallClock.test(readFileSync(join(root, file), 'utf8')));
  expect(reading.sort()).toEqual(Object.keys(mayRead).sort());
});
