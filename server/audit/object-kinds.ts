/** What a state of an object holds beside what it is: derived, large, or told by the record itself. */
const derived = ['created_by', 'updated_by', 'state', 'gateways', 'warnings', 'loss_report', 'operations', 'document', 'last_used_at'] as const;

/** How objects of one kind stand in the audit. */
type ObjectKindRules = {
  /** The members of its state that may name a person, and whether its own name does. */
  readonly personal: readonly string[];
  readonly isNamePersonal: boolean;
  /** The member of the state that says of which object the personal ones tell, where it is not the object itself, and the kind of that. */
  readonly tellsOf?: { readonly kind: string; readonly member: string };
};

const impersonal: ObjectKindRules = { personal: [], isNamePersonal: false };
const ofConsumer = { kind: 'consumer', member: 'consumer_id' };

/** Every kind of object that a change is about. */
export const objectKinds = {
  api: impersonal,
  policy: impersonal,
  deployment: impersonal,
  gateway: impersonal,
  brake: impersonal,
  gateway_key: impersonal,
  audit: impersonal,
  tenant: impersonal,
  plan: impersonal,
  trusted_issuer: impersonal,
  mcp_server: impersonal,
  tool_set: impersonal,
  team: impersonal,
  approval: impersonal,
  environment: impersonal,
  key: impersonal,
  consumer: { personal: ['name', 'labels'], isNamePersonal: true },
  consumer_key: { personal: [], isNamePersonal: true, tellsOf: ofConsumer },
  subscription: { personal: ['consumer_name'], isNamePersonal: true, tellsOf: ofConsumer },
  operator_token: { personal: ['name'], isNamePersonal: true },
  service_account: impersonal,
  invitation: { personal: ['email'], isNamePersonal: true },
  sign_in_link: { personal: ['name'], isNamePersonal: true },
  session: { personal: ['name', 'browser'], isNamePersonal: true },
  membership: { personal: ['name', 'email'], isNamePersonal: true, tellsOf: { kind: 'user', member: 'user_id' } },
  user: { personal: ['name', 'email'], isNamePersonal: true },
} as const satisfies Record<string, ObjectKindRules>;
export type ObjectKind = keyof typeof objectKinds;

export const rulesOf = (kind: ObjectKind): ObjectKindRules => objectKinds[kind];

type State = Readonly<Record<string, unknown>>;

/** Whom what is personal in an object's states names, as `consumer:<id>`. */
export function subjectOf(kind: ObjectKind, id: string, ...states: readonly (State | undefined)[]): string {
  const { tellsOf } = rulesOf(kind);
  const told = tellsOf && states.map((state) => state?.[tellsOf.member]).find((member) => typeof member === 'string');
  return tellsOf && told ? `${tellsOf.kind}:${String(told)}` : `${kind}:${id}`;
}

/** What the audit keeps of a state, and apart from it what names a person. */
export function splitState(kind: ObjectKind, state: State): { kept: Record<string, unknown>; personal: [member: string, value: unknown][] } {
  const { personal } = rulesOf(kind);
  const isDerived = (member: string) => (derived as readonly string[]).includes(member) && !(member === 'state' && kind === 'user');
  const members = Object.entries(state).filter(([member, value]) => value !== undefined && !isDerived(member));
  return {
    kept: Object.fromEntries(members.filter(([member]) => !personal.includes(member))),
    personal: members.filter(([member]) => personal.includes(member)),
  };
}
