import { conform } from './conform.ts';

void conform(process.argv.slice(2), { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) }).then((code) => {
  // A subject that hangs on a connection must not keep the kit.
  process.stdout.write('', () => process.exit(code));
});
