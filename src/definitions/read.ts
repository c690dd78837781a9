// Reads a parsed file by its schema: checks every value, renames aliases, moves older forms to their place, reports unknown keys.
import type { TSchema } from 'typebox';
import { Check } from 'typebox/value';
import type { Path, Source } from './place.ts';
import type { Problems } from './problems.ts';
import type { Annotations } from './schema.ts';

/** A file in its canonical spelling. Values that break the schema are reported and left out, so that the rest can still be checked. */
export interface Checked<T> {
  readonly content: T;
  /** Places refer to the canonical content; lines are found in the file as written. */
  readonly source: Source;
  /** True when a list lost an item, such as a field: references to it should not be reported again. */
  readonly damaged: boolean;
}

/** @returns null when nothing of the file can be used: not a map, or without a required key */
export function readBySchema<T>(schema: TSchema, raw: Source, problems: Problems): Checked<T> | null {
  const reading: Reading = { root: schema as Schema, raw, problems, moves: new Map(), damaged: false };
  const content = readValue(reading, reading.root, raw.content, [], []);
  if (content === undefined) return null;
  const lineOf = (path: Path): number | null => raw.lineOf(writtenPath(path, reading.moves));
  return { content: content as T, source: { file: raw.file, content, lineOf }, damaged: reading.damaged };
}

/** The parts of JSON Schema that the definition schemas use. */
interface Schema extends Annotations {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

interface Reading {
  readonly root: Schema;
  readonly raw: Source;
  readonly problems: Problems;
  /** Canonical path (as JSON) -> path as written, wherever the two part. */
  readonly moves: Map<string, Path>;
  damaged: boolean;
}

type Values = Record<string, unknown>;

function readValue(reading: Reading, schema: Schema, value: unknown, written: Path, canonical: Path): unknown {
  const rule = schema.$ref ? definition(reading.root, schema.$ref) : schema;
  if (rule.type === 'array' && rule.items) return readList(reading, rule, value, written, canonical);
  const mapRule = rule.properties ? rule : rule.anyOf?.find((member) => member.properties);
  if (mapRule && (isMap(value) || mapRule === rule)) return readMap(reading, mapRule, value, written, canonical);
  const spelled = rule.enum ? canonicalSpelling(rule, value) : value;
  if (Check(rule as TSchema, spelled)) return spelled;
  return refuse(reading, written, `must be ${expectation(rule)}${hint(rule, value)}`);
}

function readList(reading: Reading, rule: Schema, value: unknown, written: Path, canonical: Path): unknown {
  const isSingle = rule.single === true && !Array.isArray(value);
  if (!isSingle && !Array.isArray(value)) return refuse(reading, written, `must be ${rule.expected ?? 'a list'}`);
  const items: unknown[] = [];
  for (const [index, item] of (isSingle ? [value] : (value as unknown[])).entries()) {
    const from = isSingle ? written : [...written, index];
    const to = [...canonical, items.length];
    if (isSingle || index !== items.length) reading.moves.set(JSON.stringify(to), from);
    const read = readValue(reading, rule.items ?? {}, item, from, to);
    if (read === undefined) reading.damaged = true;
    else items.push(read);
  }
  return items;
}

function readMap(reading: Reading, rule: Schema, value: unknown, written: Path, canonical: Path): unknown {
  if (!isMap(value)) return refuse(reading, written, `must be ${rule.expected ?? 'a map'}`);
  const content: Values = {};
  const moved: { readonly key: string; readonly value: unknown; readonly targets: readonly (readonly string[])[] }[] =
    [];
  for (const [key, inner] of Object.entries(value)) {
    const name = canonicalKey(rule, key);
    const property = name === undefined ? undefined : rule.properties?.[name];
    if (name === undefined || !property) {
      keepUnknown(reading, rule, content, key, inner, [...written, key]);
      continue;
    }
    if (inner === null) continue;
    const to = [...canonical, name];
    if (name !== key) reading.moves.set(JSON.stringify(to), [...written, key]);
    if (Object.hasOwn(content, name)) {
      refuse(reading, [...written, key], `${name} is given twice: ${key} is another spelling of it`);
      continue;
    }
    const read = readValue(reading, property, inner, [...written, key], to);
    if (read === undefined) {
      incomplete.add(content);
      if (property.type === 'array') reading.damaged = true;
    } else if (property.movedTo) moved.push({ key, value: read, targets: property.movedTo });
    else content[name] = read;
  }
  for (const { key, value: older, targets } of moved) {
    for (const target of targets) place(reading, content, target, older, [...written, key], canonical);
  }
  return hasRequired(reading, rule, content, written) ? content : undefined;
}

/** Puts a value from an older place where it belongs today. */
function place(
  reading: Reading,
  content: Values,
  target: readonly string[],
  value: unknown,
  from: Path,
  canonical: Path,
): void {
  let container = content;
  for (const key of target.slice(0, -1)) {
    const next = Object.hasOwn(container, key) ? container[key] : undefined;
    if (next !== undefined && !isMap(next)) {
      refuse(reading, from, `can't be combined with ${key}`);
      return;
    }
    const inner: Values = { ...next };
    container[key] = inner;
    container = inner;
  }
  const last = target.at(-1) ?? '';
  if (Object.hasOwn(container, last)) {
    refuse(reading, from, `is given twice: it is an older form of ${target.join('.')}`);
    return;
  }
  container[last] = value;
  reading.moves.set(JSON.stringify([...canonical, ...target]), from);
}

function hasRequired(reading: Reading, rule: Schema, content: Values, written: Path): boolean {
  const missing = (rule.required ?? []).filter((key) => !Object.hasOwn(content, key));
  for (const key of missing) {
    // A key that is there but wrong has been reported already.
    const given = Object.hasOwn(valueAt(reading.raw.content, written) as Values, key);
    if (!given || (valueAt(reading.raw.content, [...written, key]) ?? null) === null)
      refuse(reading, written, `${key} is missing`);
  }
  return missing.length === 0;
}

function keepUnknown(
  reading: Reading,
  rule: Schema,
  content: Values,
  key: string,
  value: unknown,
  written: Path,
): void {
  if (key === '__proto__') refuse(reading, written, 'is not a possible key');
  else content[key] = value;
  if (rule.additionalProperties === false) reading.problems.unknownKey({ source: reading.raw, path: written });
}

const incomplete = new WeakSet<object>();

/** True when a value of this map was refused, and reported: its absence needs no words. */
export function isIncomplete(content: object): boolean {
  return incomplete.has(content);
}

function refuse(reading: Reading, written: Path, message: string): undefined {
  reading.problems.error({ source: reading.raw, path: written }, message);
  return undefined;
}

const canonicalKeys = new WeakMap<Schema, ReadonlyMap<string, string>>();

function canonicalKey(rule: Schema, key: string): string | undefined {
  let keys = canonicalKeys.get(rule);
  if (!keys) {
    const properties = Object.entries(rule.properties ?? {});
    keys = new Map([
      ...properties.flatMap(([name, property]) =>
        (property.aliases ?? []).map((alias): [string, string] => [alias, name]),
      ),
      ...properties.map(([name]): [string, string] => [name, name]),
    ]);
    canonicalKeys.set(rule, keys);
  }
  return keys.get(key);
}

/** Enumerated values are read in any case, with or without `_` and `-`: `ONE_RECORD`, `many-records`. */
function canonicalSpelling(rule: Schema, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const plain = value.toLowerCase().replaceAll(/[_\- ]/g, '');
  return rule.enum?.find((known) => known.toLowerCase() === plain) ?? rule.spellings?.[plain] ?? value;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  number: 'a number',
  object: 'a map',
};

function expectation(rule: Schema): string {
  if (rule.expected) return rule.expected;
  if (rule.enum) return rule.enum.length === 1 ? String(rule.enum[0]) : `one of ${rule.enum.join(', ')}`;
  if (rule.type === 'integer') {
    return `a whole number${rule.maximum === undefined ? ` from ${rule.minimum}` : ` from ${rule.minimum} to ${rule.maximum}`}`;
  }
  return TYPE_NAMES[rule.type ?? ''] ?? 'a value';
}

/** YAML turns bare words and digits into other types, which is not obvious to everybody. */
function hint(rule: Schema, value: unknown): string {
  const isUnquoted = typeof value === 'number' || typeof value === 'boolean';
  if (rule.type === 'string' && isUnquoted) return `: write "${value}" in quotes`;
  return typeof value === 'string' && value.length <= 60 ? `, not ${JSON.stringify(value)}` : '';
}

function definition(root: Schema, ref: string): Schema {
  return root.$defs?.[ref.slice(ref.lastIndexOf('/') + 1)] ?? {};
}

function writtenPath(path: Path, moves: ReadonlyMap<string, Path>): Path {
  let written: Path = [];
  for (const [index, key] of path.entries()) {
    written = moves.get(JSON.stringify(path.slice(0, index + 1))) ?? [...written, key];
  }
  return written;
}

function valueAt(content: unknown, path: Path): unknown {
  let node: unknown = content;
  for (const key of path) node = (node as Values | undefined)?.[key];
  return node;
}

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
