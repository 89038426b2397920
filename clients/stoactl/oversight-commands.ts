import { Option } from 'commander';
import type { Command } from 'commander';
import type { DecideOptions, ListOptions } from './commands/approvals.ts';
import type { AuditExportOptions, AuditListOptions, AuditVerifyOptions } from './commands/audit-options.ts';
import type { UsageOptions } from './commands/usage.ts';
import { collect, integer, needs, printedAs, tableOrJson, wordsOf } from './program-parts.ts';
import type { Does, Global } from './program-parts.ts';
import type { Terminal } from './terminal.ts';

export function auditCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  const audit = program.command('audit').description('read who did what; needs the role owner or auditor');
  const commands = () => import('./commands/audit.ts');
  audit
    .command('list')
    .description('list what was done, the newest first')
    .addOption(new Option('--kind <kind>', 'only this kind').choices(['change', 'sign-in', 'refusal', 'key-use', 'export']))
    .option('--action <operation>', 'only this operation, such as deleteApi')
    .option('--actor <who>', 'only what this person, token or key did: an id or a name')
    .option('--object <what>', 'only what was done to this: an id, a name, or a kind such as api')
    .addOption(new Option('--outcome <outcome>', 'only with this outcome').choices(['done', 'refused', 'failed']))
    .option('--since <time>', 'from then on: 2026-11-30, or 2026-11-30T09:00:00Z')
    .option('--until <time>', 'before then')
    .option('--limit <count>', 'how many at most, up to 500; 100 by default', integer(1, 500))
    .option('--all', 'all of them, page after page')
    .addOption(printedAs(['table', 'json', 'jsonl']))
    .action(does(async (options: AuditListOptions) => (await commands()).listAudit(terminal, { ...global(), ...options })));
  audit
    .command('verify')
    .description('tell whether a record was removed, changed or moved; exit code 1 when one was')
    .option('--file <file>', 'verify an export, or the file of a sink, without the server')
    .option('--key <key>', 'with --file: trust this public key of checkpoints, or that of @FILE; may be repeated', collect)
    .addOption(tableOrJson())
    .action(
      does(async (options: AuditVerifyOptions) => (await import('./commands/verify-audit.ts')).verifyAudit(terminal, { ...global(), ...options })),
    );
  audit
    .command('export')
    .description('print the whole audit as JSON Lines, with the checkpoints that verify it')
    .option('--to <file>', 'write it to a file')
    .action(does(async (options: AuditExportOptions) => (await commands()).exportAudit(terminal, { ...global(), ...options })));
  audit
    .command('keys')
    .description('tell the public keys of checkpoints')
    .addOption(tableOrJson())
    .action(does(async (options: { output: string }) => (await commands()).getAuditKeys(terminal, { ...global(), ...options })));
}

/** What usage is told apart by. */
const dimensions = ['api', 'operation', 'consumer', 'door', 'gateway'];

export function usageCommand(program: Command, terminal: Terminal, global: Global, does: Does): void {
  program
    .command('usage')
    .description('sum up metered calls; of the last 24 hours, by API, operation, consumer and door')
    .option('--since <time>', 'from then on: 2026-11-30, or 2026-11-30T09:00:00Z')
    .option('--until <time>', 'before then')
    .option('--api <name>', 'only calls of this API')
    .option('--consumer <name>', 'only calls by this consumer')
    .option('--by <what>', `tell apart by ${dimensions.join(', ')}: several by commas`, wordsOf(dimensions))
    .addOption(new Option('--interval <interval>', 'tell apart by time as well, in UTC').choices(['hour', 'day']))
    .addOption(printedAs(['table', 'json', 'csv']))
    .addHelpText('after', needs('getUsage'))
    .action(does(async (options: UsageOptions) => (await import('./commands/usage.ts')).usage(terminal, { ...global(), ...options })));
}

export function approvalCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  const commands = () => import('./commands/approvals.ts');
  const approvals = program.command('approvals').description('decide on changes that wait for a second person, and on calls that wait for one');
  approvals
    .command('list')
    .description('list what waits, and what became of others')
    .addOption(new Option('--state <state>', 'only in this state').choices(['pending', 'approved', 'applied', 'denied', 'expired', 'failed']))
    .option('--environment <name>', 'only for this environment')
    .addOption(printedAs(['table', 'wide', 'json']))
    .action(does(async (options: ListOptions) => (await commands()).listApprovals(terminal, { ...global(), ...options })));
  approvals
    .command('get <id>')
    .description('show one: all that was asked for, and what became of it')
    .addOption(printedAs(['yaml', 'json']))
    .addHelpText('after', needs('getApproval'))
    .action(does(async (id: string, options: { output: string }) => (await commands()).getApproval(terminal, id, { ...global(), ...options })));
  for (const decision of ['approve', 'deny'] as const) {
    approvals
      .command(`${decision} <id>`)
      .description(decision === 'approve' ? 'have it done; who asked for it cannot' : 'have it given up; who asked for it cannot')
      .option('--reason <text>', 'why, for who asked')
      .action(does(async (id: string, options: DecideOptions) => (await commands()).decide(terminal, decision, id, { ...global(), ...options })));
  }
}

/** `none` alone takes all of them back. */
const oneOrMoreOf =
  (words: readonly string[]) =>
  (value: string): string =>
    value === 'none' ? value : wordsOf(words, 'none')(value);

/** For what an environment can demand a second person. */
const fourEyes = ['deployments', 'policies', 'reveals'];

export function environmentCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  const commands = () => import('./commands/environments.ts');
  const environments = program.command('environments').description('say where a second person is demanded');
  environments
    .command('list')
    .description('list environments, and for what each demands a second person')
    .addOption(tableOrJson())
    .addHelpText('after', needs('listEnvironments'))
    .action(does(async (options: { output: string }) => (await commands()).listEnvironments(terminal, { ...global(), ...options })));
  environments
    .command('set <environment>')
    .description('demand a second person there for what is named, and for nothing else; to demand less waits for one itself')
    .requiredOption('--four-eyes <what>', `${fourEyes.join(', ')}, several by commas; none`, oneOrMoreOf(fourEyes))
    .addHelpText('after', needs('getEnvironment', 'setEnvironment'))
    .action(
      does(async (environment: string, options: { fourEyes: string }) =>
        (await commands()).setEnvironment(terminal, environment, { ...global(), ...options }),
      ),
    );
}
