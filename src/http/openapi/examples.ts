// Example values: of what answers hold, made from a schema, and of what bodies may hold, tried on the field itself.
import type { Field } from '../../definitions/model.ts';
import { type Json, PendingLookup, Problem, type ValueEnv } from '../../fields/field-type.ts';
import type { Part } from './components.ts';

/** The id in all examples. */
export const EXAMPLE_ID = '57fd2d64e4b0ab8e67ee8b0a';
const ID_PATTERN = '^[0-9a-f]{24}$';

/** A value that fits a schema of a field type. */
export function exampleOfSchema(schema: Part): Json {
  const { examples, anyOf, enum: names } = schema;
  for (const choices of [examples, names]) if (Array.isArray(choices) && choices.length > 0) return choices[0] as Json;
  if (Array.isArray(anyOf)) return exampleOfSchema(anyOf[0] as Part);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'array') return [exampleOfSchema(schema.items as Part)];
  if (type === 'object') return exampleOfObject(schema);
  if (type === 'boolean') return true;
  if (type === 'integer' || type === 'number') return exampleNumber(schema);
  return exampleText(schema);
}

function exampleOfObject({ properties }: Part): Json {
  const entries = Object.entries((properties ?? {}) as Record<string, Part>);
  return Object.fromEntries(entries.map(([name, schema]) => [name, exampleOfSchema(schema)]));
}

function exampleNumber({ minimum, maximum }: Part): number {
  const low = typeof minimum === 'number' ? Math.ceil(minimum) : Number.NEGATIVE_INFINITY;
  const high = typeof maximum === 'number' ? maximum : Number.POSITIVE_INFINITY;
  return Math.min(Math.max(1, low), high);
}

function exampleText({ pattern, minLength, maxLength }: Part): string {
  if (pattern === ID_PATTERN) return EXAMPLE_ID;
  const shortest = typeof minLength === 'number' ? minLength : 0;
  const longest = typeof maxLength === 'number' ? maxLength : Number.POSITIVE_INFINITY;
  return 'text'.padEnd(shortest, '.').slice(0, longest);
}

/** Enough for types to judge a value by. */
const ENV: ValueEnv = {
  zone: 'UTC',
  now: Date.UTC(2026, 0, 1),
  language: 'english',
  groups: { byId: () => undefined, byName: () => undefined, all: [] },
};

/**
 * A value that a body may hold for a field; undefined where none can be made up: references need something that exists, and nobody
 * can guess what a pattern wants.
 */
export function writableExample(field: Field): Json | undefined {
  const one = field.fields.length > 0 ? groupExample(field) : plainExample(field);
  return one === undefined ? undefined : field.many ? [one] : one;
}

function groupExample(field: Field): Json | undefined {
  const inner = field.fields.flatMap((each): [string, Json][] => {
    if (each.type.automatic || each.calculation) return [];
    const value = writableExample(each);
    return value === undefined ? [] : [[each.name, value]];
  });
  return inner.length > 0 ? Object.fromEntries(inner) : undefined;
}

function plainExample(field: Field): Json | undefined {
  const { type } = field;
  const example = exampleOfSchema(type.inputSchema?.(field) ?? type.schema(field));
  const value = type.decode(example, field, ENV, null);
  if (value === null || value instanceof Problem) return undefined;
  if (value instanceof PendingLookup)
    return value.lookup.tries.every(({ by }) => by === 'content') ? example : undefined;
  // a rule for the script host answers later: it may as well refuse
  return type.check(value, field, ENV) === null ? example : undefined;
}
