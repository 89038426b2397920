import type { Oas3Rule } from '@redocly/openapi-core';
import { otherAccess, readRoles } from '../../generator/read-roles.ts';
import { asObject } from '../nodes.ts';

/** Each operation says in `x-stoa-permission` who may call it: a permission of `openapi/roles.yaml`, or a kind of caller, which its security must then be, too. */
export const permissionIsKnown: Oas3Rule = () => {
  const { permissions } = readRoles();
  const known = [...Object.keys(otherAccess), ...Object.keys(permissions)];
  return {
    Operation(operation, { report, location }) {
      const { 'x-stoa-permission': permission, security } = asObject(operation);
      const at = location.child(['x-stoa-permission']);
      if (permission === undefined)
        return report({ message: `The operation must say who may call it: add x-stoa-permission with one of ${known.join(', ')}.`, location });
      if (typeof permission !== 'string' || !known.includes(permission))
        return report({ message: `x-stoa-permission is ${JSON.stringify(permission)}; known are ${known.join(', ')}.`, location: at });
      const scheme = otherAccess[permission] ?? 'operator';
      const named = Array.isArray(security) ? security.flatMap((requirement) => Object.keys(asObject(requirement))) : [];
      if (scheme === 'nothing' ? named.length > 0 : !named.includes(scheme))
        report({ message: `x-stoa-permission is ${permission}, for which the operation's security must name ${scheme}.`, location: at });
    },
  };
};
