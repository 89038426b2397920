import { productChoices, productQuestions, products } from '@stoa/generated/product-choice.ts';
import type { ProductAnswers, ProductQuestion } from '@stoa/generated/product-choice.ts';
import { CommandError } from '../exit-codes.ts';
import { linesOf } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

export type ChooseOptions = { kubernetes?: string; replaceGateway?: string; enforcement?: string; output: string };

/** Tells which product fits, from flags, or from answers of a person where flags do not decide it. */
export async function choose(terminal: Terminal, { output, ...flags }: ChooseOptions): Promise<void> {
  const given = Object.fromEntries(
    Object.keys(productQuestions).flatMap((question) => {
      const answer = flags[flagOf(question).camel as keyof typeof flags];
      return answer === undefined ? [] : [[question, answer]];
    }),
  ) as ProductAnswers;
  const { product, reason } = await decide(terminal, given);
  const { name, install } = products[product];
  if (output === 'json') terminal.out(`${JSON.stringify({ product, reason, install }, null, 2)}\n`);
  else terminal.out(`${name}. ${reason}\n\n  ${install}\n`);
}

/** Asks what is not known yet, in the order of the rows, until one fits. */
async function decide(terminal: Terminal, given: ProductAnswers) {
  let answers = given;
  const lines = linesOf(terminal);
  for (;;) {
    const row = productChoices.find(({ when }) => entries(when).every(([question, answer]) => [undefined, answer].includes(answers[question])));
    if (row === undefined) throw new Error('no row of the matrix fits');
    const open = entries(row.when).find(([question]) => answers[question] === undefined);
    if (open === undefined) return row;
    answers = { ...answers, [open[0]]: await ask(terminal, lines, open[0]) };
  }
}

const entries = (when: ProductAnswers) => Object.entries(when) as [ProductQuestion, string][];

async function ask(terminal: Terminal, lines: () => Promise<string>, question: ProductQuestion): Promise<string> {
  const { text, answers } = productQuestions[question];
  const words = Object.keys(answers);
  if (!terminal.isPerson.in) throw new CommandError('usage', `${text} Say --${flagOf(question).flag} ${words.join('|')}.`);
  for (;;) {
    const told = Object.entries(answers).map(([word, meaning]) => `  ${word}: ${meaning}\n`);
    terminal.err(`${text}\n${told.join('')}> `);
    const answer = (await lines()).trim().toLowerCase();
    const meant = words.filter((word) => answer !== '' && word.startsWith(answer));
    if (meant.length === 1) return meant[0] as string;
  }
}

const flagOf = (question: string) => ({
  flag: question.replaceAll('_', '-'),
  camel: question.replaceAll(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase()),
});
