// Merging a request body into the draft: structure, multiplicity, decoding (spec field-types §2.4, entity-model §2.1 step 2–5).
import { ObjectId } from 'mongodb';
import type { Field } from '../definitions/model.ts';
import { type Json, PendingLookup, Problem } from '../fields/field-type.ts';
import { isBlank, isObject, type JsonObject } from '../fields/references.ts';
import { addProblem, type Draft, type Group } from './draft.ts';

/** Keys that are never fields, at record and nested level: clients send back whole records as they read them. */
const SYSTEM_KEYS: ReadonlySet<string> = new Set(['id', 'version', 'label', 'entity', 'link']);

interface Owner {
  readonly fieldByName: ReadonlyMap<string, Field>;
}

/**
 * Merges `body` into `target`: keys absent from the body stay, `null` clears, lists are replaced whole. Problems go to the draft.
 * @param prefix concrete path of the group the body is for; '' at the root
 */
export function mergeBody(draft: Draft, owner: Owner, body: JsonObject, target: Group, prefix: string): void {
  for (const key of Object.keys(body)) {
    const field = owner.fieldByName.get(key);
    const at = prefix ? `${prefix}.${key}` : key;
    if (!field) {
      if (!SYSTEM_KEYS.has(key)) {
        draft.errors.push({
          field: at,
          fieldLabel: null,
          code: 'invalidStructure',
          message: `Field [${at}] is not defined in entity [${draft.entity.name}]`,
          additionalInfo: null,
        });
      }
      continue;
    }
    if (ignoresInput(draft, field)) continue;
    writeValue(draft, field, body[key] ?? null, target, at);
  }
}

/** Values that clients may send but never set: server-made and calculated ones, and those the caller may not write (spec entity-model §2.1.3). */
function ignoresInput(draft: Draft, field: Field): boolean {
  return field.type.automatic || field.calculation !== null || !draft.access.canWrite(field);
}

/** Decodes one input (also of a default or a calculation) into `target[field.name]`. */
export function writeValue(draft: Draft, field: Field, input: Json, target: Group, at: string): void {
  if (field.many) writeList(draft, field, input, target, at);
  else if (field.fields.length) writeGroup(draft, field, input, target, at);
  else {
    const stored = target[field.name] ?? null;
    const references = field.relationship && stored ? elementsById([stored]) : null;
    const value = sameReference(decodeOne(draft, field, input, stored, at), references);
    place(draft, field, value, target, field.name, at);
  }
}

function writeList(draft: Draft, field: Field, input: Json, target: Group, at: string): void {
  const inputs: readonly Json[] = Array.isArray(input) ? input : isBlank(input) ? [] : [input];
  const stored = target[field.name];
  const list: unknown[] = [];
  const known = field.fields.length ? elementsById(stored) : null;
  const before = known ? null : elementsByNative(draft, field, stored);
  const references = field.relationship ? elementsById(stored) : null;
  for (const item of inputs) {
    if (isBlank(item)) continue;
    const path = `${at}[${list.length}]`;
    if (known) {
      list.push(mergeElement(draft, field, item, known, path));
      continue;
    }
    const asRead = before?.get(JSON.stringify(item)) ?? null;
    const value = sameReference(decodeOne(draft, field, item, asRead, path), references);
    // A refused value keeps its place, so that the positions in later errors are those of the request.
    if (value !== undefined || draft.failed.has(path)) place(draft, field, value ?? null, list, list.length, path);
  }
  if (list.length) target[field.name] = list;
  else delete target[field.name];
}

/**
 * Stored values by what clients read of them: a value that is sent back as it was read must stay what it is, such as a choice that
 * is no option any more or a phone number whose prefix would be added twice.
 */
function elementsByNative(draft: Draft, field: Field, stored: unknown): Map<string, unknown> | null {
  if (!Array.isArray(stored)) return null;
  return new Map(stored.map((value) => [JSON.stringify(field.type.encode(value, field, draft.env)), value]));
}

function elementsById(stored: unknown): Map<string, Group> {
  const byId = new Map<string, Group>();
  if (Array.isArray(stored)) for (const item of stored as Group[]) byId.set(String(item._id), item);
  return byId;
}

/** One element of a nested list: a known `id` merges into that element, anything else is a new one (spec field-types §4.30). */
function mergeElement(draft: Draft, field: Field, input: Json, known: Map<string, Group>, path: string): Group {
  if (!isObject(input)) {
    addProblem(draft, field, path, new Problem('invalidStructure', 'Field must be an object', input));
    return {};
  }
  const id = typeof input.id === 'string' ? input.id.toLowerCase() : '';
  const stored = known.get(id);
  // An id counts once: its second use in one list is a new element, or two elements would share an identity.
  if (stored) known.delete(id);
  const element = stored ?? newElement(draft);
  mergeBody(draft, field, input, element, path);
  return element;
}

function newElement(draft: Draft): Group {
  const element: Group = { _id: new ObjectId() };
  draft.newElements.add(element);
  return element;
}

function writeGroup(draft: Draft, field: Field, input: Json, target: Group, at: string): void {
  if (isBlank(input)) {
    const stored = target[field.name] as Group | undefined;
    if (stored) target[field.name] = { _id: stored._id };
    return;
  }
  if (!isObject(input)) {
    const message = Array.isArray(input) ? 'Field must not be multi-valued' : 'Field must be an object';
    addProblem(draft, field, at, new Problem('invalidStructure', message, input));
    return;
  }
  target[field.name] ??= newElement(draft);
  mergeBody(draft, field, input, target[field.name] as Group, at);
}

/** A decoded single value; undefined for empty or refused ones. */
function decodeOne(draft: Draft, field: Field, input: Json, stored: unknown, at: string): unknown {
  if (Array.isArray(input)) {
    addProblem(draft, field, at, new Problem('invalidStructure', 'Field must not be multi-valued', input));
    return undefined;
  }
  // A rank is never cleared, it only moves (spec field-types §4.33); fillStructure gives booleans back their `false`.
  if (isBlank(input)) return field.type.lifecycle === 'rank' ? (stored ?? undefined) : undefined;
  const decoded = field.type.decode(input, field, draft.env, stored);
  if (decoded instanceof Problem) {
    addProblem(draft, field, at, decoded);
    return undefined;
  }
  return decoded ?? undefined;
}

/**
 * A reference to the record that it points to already is no new one: it is not asked for rights again, and policies that keep its
 * label and copies hold (spec entity-model §2.1, field-types §4.27).
 */
function sameReference(value: unknown, stored: ReadonlyMap<string, Group> | null): unknown {
  if (!stored || !(value instanceof PendingLookup)) return value;
  const [first] = value.lookup.tries;
  return (first?.by === 'id' && stored.get(first.id.toHexString())) || value;
}

/** What an empty value is stored as: nothing, but `false` for booleans, which are never null (spec field-types §4.9). */
function emptyValue(draft: Draft, field: Field): unknown {
  if (field.type.emptyNative === null) return undefined;
  return field.type.decode(field.type.emptyNative, field, draft.env, null) ?? undefined;
}

function place(
  draft: Draft,
  field: Field,
  value: unknown,
  container: Group | unknown[],
  key: string | number,
  at: string,
): void {
  const slots = container as Record<string | number, unknown>;
  if (value instanceof PendingLookup) {
    draft.pending.push({ field, at, container, key, lookup: value.lookup });
    slots[key] = value;
  } else if (value === undefined) delete slots[key];
  else slots[key] = value;
}

/**
 * Gives every single nested group its object with an id, since one exists on every record even when nothing was sent
 * (spec entity-model §2.2), and every boolean its `false`.
 */
export function fillStructure(draft: Draft, fields: readonly Field[], group: Group): void {
  for (const field of fields) {
    const value = group[field.name];
    if (field.fields.length === 0) {
      if (value == null && !field.many && field.type.emptyNative !== null) group[field.name] = emptyValue(draft, field);
    } else if (field.many) {
      for (const item of (value as Group[] | undefined) ?? []) fillStructure(draft, field.fields, item);
    } else {
      group[field.name] ??= newElement(draft);
      fillStructure(draft, field.fields, group[field.name] as Group);
    }
  }
}
