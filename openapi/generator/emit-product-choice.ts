import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

type Question = { text: string; answers: Record<string, string> };
type Choice = { when: Record<string, string>; product: string; reason: string };
export type ProductChoice = { questions: Record<string, Question>; choices: Choice[]; products: Record<string, { name: string; install: string }> };

/** The decision matrix as data, for whatever asks or shows it. Throws when a row speaks of what there is not, or when some answers lead nowhere. */
export function emitProductChoice(matrix: ProductChoice = readMatrix()): string {
  const faults = matrixFaults(matrix);
  if (faults.length > 0) throw new Error(`openapi/product-choice.yaml: ${faults.join(' ')}`);
  const { questions, choices, products } = matrix;
  const union = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(' | ');
  return [
    `export type ProductQuestion = ${union(Object.keys(questions))};`,
    `export type ProductName = ${union(Object.keys(products))};`,
    'export type ProductAnswers = { readonly [question in ProductQuestion]?: string };',
    '/** In the order in which they are asked. */',
    `export const productQuestions: Readonly<Record<ProductQuestion, { text: string; answers: Readonly<Record<string, string>> }>> = ${JSON.stringify(questions)};`,
    '/** The first row that fits all answers is the choice. */',
    `export const productChoices: readonly { when: ProductAnswers; product: ProductName; reason: string }[] = ${JSON.stringify(choices)};`,
    `export const products: Readonly<Record<ProductName, { name: string; install: string }>> = ${JSON.stringify(products)};`,
    '',
  ].join('\n');
}

const readMatrix = (): ProductChoice => parse(readFileSync(join(import.meta.dirname, '../product-choice.yaml'), 'utf8')) as ProductChoice;

export function matrixFaults({ questions, choices, products }: ProductChoice): string[] {
  const faults = choices.flatMap(({ when, product }) => [
    ...(product in products ? [] : [`There is no product ${product}.`]),
    ...Object.entries(when)
      .filter(([question, answer]) => questions[question]?.answers[answer] === undefined)
      .map(([question, answer]) => `Nobody is asked whether ${question} is ${answer}.`),
  ]);
  const all = Object.entries(questions).reduce<Record<string, string>[]>(
    (before, [question, { answers }]) => before.flatMap((given) => Object.keys(answers).map((answer) => ({ ...given, [question]: answer }))),
    [{}],
  );
  const leadsSomewhere = (given: Record<string, string>): boolean =>
    choices.some(({ when }) => Object.entries(when).every(([question, answer]) => given[question] === answer));
  return [...faults, ...all.filter((given) => !leadsSomewhere(given)).map((given) => `No row fits ${JSON.stringify(given)}.`)];
}
