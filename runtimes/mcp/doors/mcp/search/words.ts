import { stemmer } from 'stemmer';

/** Words that say nothing about which tool is meant. */
const unsaying = new Set(
  'a an the of to for in on at by with and or is are was were be been do does did i we you it its me my our us your this that these those there here can could should would please from as into have has had so when where'.split(
    ' ',
  ),
);

/** What a tool does to what it is about, as a term beside its words. No word begins with a tilde. */
export type Doing = '~read' | '~create' | '~update' | '~delete';

/** What people call it; a question word asks to read. */
const doings: Readonly<Record<Doing, string>> = {
  '~read': 'get show list fetch read retrieve find look view see query what which who how many check whether describe',
  '~create': 'create add make new open post insert register upload send start schedule put invite install write attach assign apply',
  '~update': 'update edit change modify rename set replace put enable disable turn switch lock move restrict',
  '~delete': 'delete remove drop destroy unset clear erase get rid take out off unassign unfollow unstar detach kick revoke unblock throw away',
};

/** Words that documents of APIs use for one another, a line each. */
const alike = [
  'get show list fetch read retrieve find look display view see info information details',
  'create add make new open post insert register',
  'delete remove drop destroy unset clear erase',
  'update edit change modify rename set replace',
  'send post submit',
  'enable activate turn switch allow',
  'disable deactivate stop turn',
  'stop end cancel terminate close',
  'start begin launch run execute trigger',
  'search find query lookup',
  'user member person people account',
  'who member user',
  'repo repository',
  'org organization organisation company',
  'picture image avatar photo',
  'song track music',
  'podcast show',
  'channel conversation',
  'message chat',
  'invite invitation',
  'pending open waiting',
  'copy duplicate clone',
  'allow approve permit grant',
  'block restrict deny',
  'attach link associate assign apply',
  'detach unlink unassign remove',
  'kick remove',
  'star favorite favourite like',
  'config configuration setting preference',
  'event history log activity',
  'money balance payment',
  'totals sum',
  'role permission membership',
  'invoice bill',
  'inside content item member',
  'db database postgres mysql',
  'k8s kubernetes cluster',
  'ticket issue bug',
  'pr pull',
  'profile account me',
  'quota limit',
  'token key credential secret',
];

/** What a word may mean besides itself, as stems. */
const others = new Map<string, Set<string>>();
for (const line of alike) {
  const stems = line.split(' ').map((word) => stemmer(word));
  for (const stem of stems) others.set(stem, new Set([...(others.get(stem) ?? []), ...stems.filter((other) => other !== stem)]));
}
const doingsOf = new Map<string, Set<Doing>>();
for (const [doing, words] of Object.entries(doings) as [Doing, string][]) {
  for (const word of words.split(' ')) doingsOf.set(word, (doingsOf.get(word) ?? new Set()).add(doing));
}

/** The words of a text or a name in lower case: `getUserByID`, `get-user` and `get user` alike. */
function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .replaceAll(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
      .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** The stems of a text that say something, in order. */
export function stemsOf(text: string): string[] {
  return wordsOf(text)
    .filter((word) => !unsaying.has(word))
    .map((word) => stemmer(word));
}

export type QueryWeights = { readonly other: number; readonly doing: number };

/** The terms to look for and how much each counts: those of the question, what they may mean besides, and what is to be done. */
export function termsOf(question: string, { other, doing }: QueryWeights): ReadonlyMap<string, number> {
  const words = wordsOf(question);
  const stems = words.filter((word) => !unsaying.has(word)).map((word) => stemmer(word));
  const terms = new Map<string, number>();
  for (const stem of stems) terms.set(stem, 1);
  for (const stem of stems) for (const synonym of others.get(stem) ?? []) if (!terms.has(synonym)) terms.set(synonym, other);
  const first = words.map((word) => doingsOf.get(word)).find((found) => found !== undefined);
  for (const each of first ?? []) terms.set(each, doing);
  return terms;
}
