// JSON Schemas for editors, from the very schemas that check the files. `node src/definitions/editor-schema.ts` writes them anew.
import { writeFile } from 'node:fs/promises';
import type { TSchema } from 'typebox';
import { apisSchema } from './apis.ts';
import { entitySchema } from './entity-schema.ts';
import { groupSchema } from './group-schema.ts';
import { listenerSchema } from './listener-schema.ts';
import { librarySchema, namedTypeSchema } from './other-schemas.ts';
import type { Annotations } from './schema.ts';

const SCHEMAS: Readonly<Record<string, TSchema>> = {
  apis: apisSchema,
  entity: entitySchema,
  group: groupSchema,
  listener: listenerSchema,
  library: librarySchema,
  type: namedTypeSchema,
};

/** File name -> text, as committed beside this file. */
export function editorSchemas(): Map<string, string> {
  return new Map(
    Object.entries(SCHEMAS).map(([name, schema]) => {
      const plain = spellOut(JSON.parse(JSON.stringify(schema)));
      return [`${name}.schema.json`, `${JSON.stringify({ $schema: DRAFT, ...plain }, null, 2)}\n`];
    }),
  );
}

const DRAFT = 'http://json-schema.org/draft-07/schema#';

type Schema = { [key: string]: unknown } & Annotations;

/** Aliases and older places become properties of their own, marked as deprecated; what only our reader understands goes. */
function spellOut(schema: Schema): Schema {
  const { aliases: _a, movedTo: _m, single, spellings: _s, expected: _e, ...plain } = schema;
  const result: Schema = {};
  for (const [key, value] of Object.entries(plain))
    result[key] = key === 'properties' ? withAliases(value) : inside(value);
  return single && schema.items
    ? { description: schema.description ?? '', anyOf: [result, inside(schema.items)] }
    : result;
}

function inside(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inside);
  if (typeof value !== 'object' || value === null) return value;
  return 'type' in value || 'anyOf' in value || 'enum' in value || '$ref' in value
    ? spellOut(value as Schema)
    : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inside(inner)]));
}

function withAliases(properties: unknown): Schema {
  const result: Schema = {};
  for (const [name, property] of Object.entries(properties as Record<string, Schema>)) {
    const spelled = spellOut(property);
    result[name] = property.movedTo ? { ...spelled, deprecated: true, doNotSuggest: true } : spelled;
    for (const alias of property.aliases ?? []) {
      result[alias] = { ...spelled, description: `Another spelling of ${name}`, deprecated: true, doNotSuggest: true };
    }
  }
  return result;
}

if (import.meta.main) {
  for (const [name, text] of editorSchemas()) await writeFile(new URL(name, import.meta.url), text);
}
