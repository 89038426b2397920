import { expect, it } from 'vitest';
import { csvOf } from './export.ts';

it('writes cells that a spreadsheet reads as they are, and never as a formula', () => {
  const columns = [
    { id: 'name', title: 'Name', text: ({ name }: { name: string }) => name },
    { id: 'calls', title: 'Calls', text: ({ calls }: { calls: number }) => String(calls) },
    { id: 'actions', title: 'Actions', text: () => '' },
  ];
  const csv = csvOf(
    [
      { name: 'a, "b"', calls: -1 },
      { name: '=HYPERLINK("x")', calls: 2 },
    ],
    columns,
  );
  expect(csv).toBe('Name,Calls\r\n"a, ""b""",-1\r\n"\'=HYPERLINK(""x"")",2\r\n');
});
