// The JSON Schemas for editors: current, and true to what the loader takes.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { editorSchemas } from '../../../src/definitions/editor-schema.ts';
import { DEMO, EXPORT } from './app.ts';

const HERE = fileURLToPath(new URL('../../../src/definitions', import.meta.url));

describe('editor schemas', () => {
  it.each([...editorSchemas()])(
    '%s is current (else: node src/definitions/editor-schema.ts && npx biome check --write src/definitions)',
    (name, text) => {
      expect(JSON.parse(readFileSync(join(HERE, name), 'utf8'))).toEqual(JSON.parse(text));
    },
  );

  const ajv = new Ajv({ allErrors: true, strict: false });
  const validators = new Map([...editorSchemas()].map(([name, text]) => [name, ajv.compile(JSON.parse(text))]));
  const errorsOf = (schema: string, content: unknown): string[] => {
    const validate = validators.get(`${schema}.schema.json`);
    validate?.(content);
    return (validate?.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };

  const files = (dir: string): string[] => readdirSync(dir, { recursive: true, encoding: 'utf8' });

  it.each(files(DEMO).filter((name) => name.endsWith('.yaml')))(
    'the demo file %s names its schema and follows it',
    (name) => {
      const text = readFileSync(join(DEMO, name), 'utf8');
      const schema = /^# yaml-language-server: \$schema=(.*)$/m.exec(text)?.[1] ?? '';
      expect(fileURLToPath(new URL(schema, `file://${join(DEMO, name)}`))).toMatch(new RegExp(`^${HERE}/`));
      const kind = name.startsWith('groups') ? 'group' : name === 'apis.yaml' ? 'apis' : 'entity';
      expect(schema).toMatch(new RegExp(`/${kind}\\.schema\\.json$`));
      expect(errorsOf(kind, parse(text))).toEqual([]);
    },
  );

  it.each([
    ['entity', /model\/entities\/.*(?<!descriptor)\.json$/],
    ['group', /security\/groups\/.*\.json$/],
    ['listener', /model\/listeners\/.*\.json$/],
    ['library', /model\/libraries\/.*\.json$/],
    ['type', /model\/types\/.*\.json$/],
  ])('files of an export follow the schema %s', (schema, pattern) => {
    const found = files(EXPORT).filter((name) => pattern.test(name));
    expect(found.length).toBeGreaterThan(0);
    for (const name of found)
      expect(errorsOf(schema, JSON.parse(readFileSync(join(EXPORT, name), 'utf8')))).toEqual([]);
  });

  it('take aliases and single items, and mark what is wrong', () => {
    expect(
      errorsOf('entity', {
        name: 'a',
        lookupField: 'x',
        actions: { name: 'go', script: 'js/f' },
        fields: [{ name: 'x', type: 'text', sensitive: true }],
      }),
    ).toEqual([]);
    expect(
      errorsOf('entity', {
        name: 'a',
        fields: [{ name: 'x', uniqe: true, required: 'sometimes', nestedFields: [{}] }],
      }),
    ).toEqual(
      expect.arrayContaining([
        '/fields/0 must NOT have additional properties',
        '/fields/0/required must match a schema in anyOf',
        "/fields/0/nestedFields/0 must have required property 'name'",
      ]),
    );
  });
});
