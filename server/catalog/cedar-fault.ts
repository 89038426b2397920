import * as cedar from '@cedar-policy/cedar-wasm/nodejs';

/** Why a text is no set of Cedar policies that gateways can use, as Cedar says it; undefined when it is one. */
export function cedarFault(text: string): string | undefined {
  const parts = cedar.policySetTextToParts(text);
  if (parts.type === 'failure')
    return `does not parse: ${parts.errors
      .map((error) => error.message)
      .join('; ')
      .slice(0, 500)}`;
  if (parts.policy_templates.length > 0) return 'holds a template (?principal, ?resource), which nothing links';
  return parts.policies.length === 0 ? 'holds no policy' : undefined;
}
