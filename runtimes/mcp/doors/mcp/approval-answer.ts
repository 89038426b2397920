import { CLIENT_CAPABILITIES_META_KEY, inputRequired } from '@modelcontextprotocol/server';
import type { InputRequiredResult } from '@modelcontextprotocol/server';
import type { Unapproved } from '../../decide/approvals.ts';
import { isObject } from './json-rpc.ts';

/** What an agent is told of a call that waits for a person. */
export function approvalText(unapproved: Unapproved): string {
  const { summary } = unapproved;
  switch (unapproved.why) {
    case 'pending': {
      const { approvalId, approveAt = 'the Console', expiresAt } = unapproved;
      const until = expiresAt === undefined ? '' : `, until ${expiresAt}`;
      return `The call waits for a person's yes and was not made. ${summary} Somebody approves the request ${approvalId} at ${approveAt}${until}. Tell whoever asked; once it is approved, make the same call with the same arguments again: it passes once.`;
    }
    case 'denied': {
      const { reason, expiresAt } = unapproved;
      const said = reason === undefined ? '' : ` He said: ${reason}`;
      return `A person refused this call and it was not made. ${summary}${said} Tell whoever asked, instead of calling again${expiresAt === undefined ? '' : `; it can be asked for anew after ${expiresAt}`}.`;
    }
    case 'full':
      return `The call needs a person's yes and was not made, and too many calls wait already. ${summary} Call again once some of them are decided.`;
    case 'unreadable':
      return `The call needs a person's yes and was not made: its arguments are too long for a person to read, or may not be shown. Send less in one call. ${summary}`;
    case 'unavailable':
      return `The call needs a person's yes and was not made: the Control Plane, which knows of it, cannot be asked at the moment. ${summary} Call again later.`;
  }
}

/** What a client of 2026-07-28 that shows URLs is asked for in place of a result: that a person goes there. Undefined where there is nothing to show. */
export function approvalRequest(unapproved: Unapproved): InputRequiredResult | undefined {
  if (unapproved.why !== 'pending' || unapproved.approveAt === undefined) return undefined;
  const { approvalId, approveAt: url, summary } = unapproved;
  const message = `This call waits for a person's yes. ${summary} Approve or deny the request ${approvalId} there.`;
  // Nothing is believed of what comes back in the state: the call itself is looked up again.
  return inputRequired({ inputRequests: { approval: inputRequired.elicitUrl({ message: message.toWellFormed(), url }) }, requestState: approvalId });
}

/** Whether a client says in its envelope that it can have a person go to a URL (MCP 2026-07-28 "Elicitation: capabilities"). */
export function showsUrls(meta: Readonly<Record<string, unknown>> | undefined): boolean {
  const capabilities = meta?.[CLIENT_CAPABILITIES_META_KEY];
  const elicitation = isObject(capabilities) ? capabilities['elicitation'] : undefined;
  return isObject(elicitation) && isObject(elicitation['url']);
}
