import type { Oas3Rule } from '@redocly/openapi-core';
import { asObject } from '../nodes.ts';

/** Lesson 9: nothing is open by oversight. Each operation says its own `security`; an open one also says why, in `x-stoa-public`. */
export const securityIsExplicit: Oas3Rule = () => ({
  Operation(operation, { report, location }) {
    const { security, 'x-stoa-public': reason } = asObject(operation);
    if (!Array.isArray(security)) {
      report({ message: 'The operation must say its security; what needs no credential says security: [] and why, in x-stoa-public.', location });
      return;
    }
    const isOpen = security.length === 0 || security.some((requirement) => Object.keys(asObject(requirement)).length === 0);
    const isExplained = typeof reason === 'string' && reason.trim().length >= 10;
    if (isOpen && !isExplained)
      report({
        message: 'The operation asks for no credential and does not say why: add x-stoa-public with the reason.',
        location: location.child(['security']),
      });
    if (!isOpen && reason !== undefined)
      report({ message: 'The operation asks for a credential; x-stoa-public says that it does not.', location: location.child(['x-stoa-public']) });
  },
});
