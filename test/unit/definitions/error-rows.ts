// Tables of load errors: which files cause one, and what is said, with file, line and key path.
import { describe, expect, it } from 'vitest';
import { entityFile, type Files, mistakes } from './app.ts';

export type Row = readonly [what: string, files: Files, expected: readonly (string | RegExp)[]];

/** An entity `a` with a field `t` and whatever else the row is about. */
export const a = (fields: string, more = ''): Files => ({
  'a.yaml': entityFile('a', `- { name: t, type: text }\n${fields}`, more),
});

/** One test a row: exactly these mistakes, in this order. */
export function testRows(of: string, rows: readonly Row[]): void {
  describe(`load errors of ${of}`, () => {
    it.each(rows)('%s', async (_what, files, expected) => {
      const found = await mistakes(files);
      expect(found).toEqual(
        expected.map((line, index) =>
          typeof line === 'string' ? line : line.test(found[index] ?? '') ? found[index] : line,
        ),
      );
    });
  });
}
