// Runs the shared suite over all fixtures; a type without one fails here.
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fieldTypes, resolveFieldType } from '../../../src/fields/index.ts';
import type { FieldFixture } from '../../fixtures/fields/fixture.ts';
import { testFieldType } from './suite.ts';

const folder = new URL('../../fixtures/fields/', import.meta.url);
const fixtures: FieldFixture[] = [];
for (const file of readdirSync(folder)) {
  if (file === 'fixture.ts') continue;
  const module: { readonly fixtures: readonly FieldFixture[] } = await import(new URL(file, folder).href);
  fixtures.push(...module.fixtures);
}

test('every field type has a fixture', () => {
  const covered = new Set(fixtures.map(({ field }) => resolveFieldType(field.type)?.name));
  expect([...fieldTypes.keys()].filter((name) => !covered.has(name))).toEqual([]);
});

for (const fixture of fixtures) testFieldType(fixture);
