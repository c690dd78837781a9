// Loading is quick: the demo app under 100 ms, a hundred entities under a second.
import { expect, it } from 'vitest';
import { loadDefinitions } from '../../../src/definitions/load.ts';
import { DEMO, type Files, loadFolder, withApp } from './app.ts';

/** Milliseconds of processor time in the best of a few runs: other work on the machine must not fail the test. */
async function fastest(work: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run++) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

it('the demo app', async () => {
  expect(await fastest(() => loadFolder(DEMO))).toBeLessThan(100);
});

it('a hundred entities with thirty fields each, linked to each other', async () => {
  const file = (index: number): string => `name: e${index}
recordLabel: js/label
fields:
  - { name: name, label: Name, type: text, unique: true, required: always }
  - { name: next, type: relationship, typeRules: { entity: e${(index + 1) % 100}, copiedFields: [name, f3], filteringRules: { filters: { f1: x, f2: 'y,z' } } } }
${Array.from({ length: 28 }, (_, n) => `  - { name: f${n}, label: Field ${n}, type: text, indexable: ${n < 3}, required: { name: x } }`).join('\n')}
`;
  const files: Files = Object.fromEntries(
    Array.from({ length: 100 }, (_, index) => [
      [`e${index}.yaml`, file(index)],
      [`e${index}.js`, 'function label(record) { return record.field("name").val(); }'],
    ]).flat(),
  );
  await withApp(files, async (dir) => {
    expect((await loadDefinitions(dir)).entities.size).toBe(103);
    expect(await fastest(() => loadDefinitions(dir))).toBeLessThan(1000);
  });
});
