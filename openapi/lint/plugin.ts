import type { Plugin } from '@redocly/openapi-core';
import { adrCallsAreStable } from './rules/adr-calls-are-stable.ts';
import { descriptionsAreSentences } from './rules/descriptions-are-sentences.ts';
import { errorsAreProblems } from './rules/errors-are-problems.ts';
import { gatewayModeIsClosed } from './rules/gateway-mode-is-closed.ts';
import { listsHavePages } from './rules/lists-have-pages.ts';
import { operationHasOneFile } from './rules/operation-has-one-file.ts';
import { permissionIsKnown } from './rules/permission-is-known.ts';
import { schemaHasExample } from './rules/schema-has-example.ts';
import { securityIsExplicit } from './rules/security-is-explicit.ts';

const rules = {
  'adr-calls-are-stable': adrCallsAreStable,
  'descriptions-are-sentences': descriptionsAreSentences,
  'errors-are-problems': errorsAreProblems,
  'gateway-mode-is-closed': gatewayModeIsClosed,
  'lists-have-pages': listsHavePages,
  'operation-has-one-file': operationHasOneFile,
  'permission-is-known': permissionIsKnown,
  'schema-has-example': schemaHasExample,
  'security-is-explicit': securityIsExplicit,
};

export type StoaRuleId = keyof typeof rules;

export const stoaRuleIds = Object.keys(rules) as StoaRuleId[];

/** Our own rules, as a Redocly plugin: they appear in problems as `stoa/<rule>`. */
export const stoaPlugin: Plugin = { id: 'stoa', rules: { oas3: rules } };
