// Which database indexes an entity needs: for unique and indexable fields, and those its file declares (spec entity-model §1.7).

import { copiedPath, MAX_DEPTH } from '../fields/copies.ts';
import { pointIndexPath } from '../query/geo.ts';
import { type Compilation, type EntityDraft, type FieldDraft, fieldAt } from './compilation.ts';
import type { Declared } from './declared.ts';
import type { IndexFile } from './entity-schema.ts';
import type { Field, IndexPlan } from './model.ts';
import { at } from './place.ts';

type Key = IndexPlan['keys'][number];

/** MongoDB allows one text index in a collection. */
const TEXT_LIMIT = 1;

/** Plans of all indexes; a declared unique index of one field makes that field unique. */
export function planIndexes(c: Compilation, entity: EntityDraft): IndexPlan[] {
  const declared = entity.declared.indexes.flatMap((index) => planDeclared(c, entity, index));
  const plans = [...entity.model.allFields.flatMap(planField), ...declared.filter((plan) => plan.kind === 'normal')];
  const byName = new Map<string, IndexPlan>();
  for (const plan of plans) {
    const known = byName.get(plan.name);
    if (!known || (plan.unique && !known.unique)) byName.set(plan.name, plan);
  }
  const texts = declared.filter((plan) => plan.kind === 'text').slice(0, TEXT_LIMIT);
  for (const plan of texts) {
    const name = byName.has(plan.name) ? `${plan.name}_text` : plan.name;
    byName.set(name, { ...plan, name });
  }
  return Array.from(byName.values(), (plan) => Object.freeze({ ...plan, keys: Object.freeze(plan.keys) }));
}

function planField(field: Field): IndexPlan[] {
  const plans: IndexPlan[] = [];
  if (field.unique) plans.push(planUnique(field));
  if (field.indexable || needsIndex(field)) {
    plans.push(...keysOf(field).map((key) => besideUnique(ordered([key]), plans[0])));
  }
  if (field.type.fileId && !field.transient) plans.push(planFile(field));
  return plans;
}

/** MongoDB answers `near` by an index only, and before each new rank the highest one is looked for. */
function needsIndex({ type, sensitive }: Field): boolean {
  return type.indexKind === '2dsphere' || (type.lifecycle === 'rank' && !sensitive);
}

/**
 * Indexes for the geo points that relationships copy: known once all relationships are linked. Entities may copy each other; copies
 * end where those of the stored values do.
 */
export function planCopiedPoints(fields: readonly Field[]): IndexPlan[] {
  const plans: IndexPlan[] = [];
  const visit = (field: Field, path: string, depth: number): void => {
    if (depth > 0 && field.type.indexKind === '2dsphere') plans.push(plan([pointKey(path, field)]));
    for (const inner of field.fields) visit(inner, `${path}.${inner.name}`, depth);
    if (depth === MAX_DEPTH) return;
    for (const copy of field.relationship?.copiedFields ?? []) visit(copy, copiedPath(path, copy), depth + 1);
  };
  for (const field of fields) visit(field, field.storagePath, 0);
  return plans;
}

const pointKey = (path: string, { many }: Field): Key => [pointIndexPath(path, many), '2dsphere'];

/** Ends in the id, as every order of a list does: a page is read from its first record on, at any depth. */
function ordered(keys: readonly Key[]): IndexPlan {
  const index = plan(keys);
  return keys.some(([, kind]) => kind !== 1) ? index : { ...index, keys: [...keys, ['_id', 1]] };
}

/** A unique index is partial and serves no sort, so the one for lists stands beside it. */
function besideUnique(index: IndexPlan, unique: IndexPlan | undefined): IndexPlan {
  return index.name === unique?.name ? { ...index, name: `${index.name}__id` } : index;
}

/** The hash that equality on a sealed value uses stands beside it. */
const SEALED = '.hash';

/** Before a file is removed, the records that hold it are looked for. */
function planFile(field: Field): IndexPlan {
  const path = field.storagePath + (field.sensitive ? SEALED : '._id');
  return { ...plan([[path, 1]]), partialFilter: { [path]: { $exists: true } } };
}

/** Single values: a partial unique index. Values in lists: the hidden array of keys, since a multikey index can't be partial by element. */
function planUnique(field: Field): IndexPlan {
  if (field.insideMany) {
    const path = `keys.${field.path.replaceAll('.', '-')}`;
    return { ...plan([[path, 1]]), unique: true, partialFilter: { [path]: { $exists: true } } };
  }
  // Empty values are absent in storage, so `$exists` leaves out just those; and equality, unlike with `$type`, may use the index.
  const suffix = field.sensitive ? SEALED : (field.type.uniqueKey?.suffix ?? '');
  const path = field.storagePath + suffix;
  return { ...plan([[path, 1]]), unique: true, partialFilter: { [path]: { $exists: true } } };
}

/** Index keys of a field: relationships, groups and files have two. */
function keysOf(field: Field): Key[] {
  if (field.sensitive) return [[field.storagePath + SEALED, 1]];
  if (field.type.indexKind === '2dsphere') return [pointKey(field.storagePath, field)];
  const suffixes = field.type.indexSuffixes.length > 0 ? field.type.indexSuffixes : [''];
  return suffixes.map((suffix): Key => [field.storagePath + suffix, field.type.indexKind]);
}

function plan(keys: readonly Key[]): IndexPlan {
  return { name: keys.map(([path]) => path).join('_'), keys, unique: false, partialFilter: null, kind: 'normal' };
}

function planDeclared(c: Compilation, entity: EntityDraft, { content, place }: Declared<IndexFile>): IndexPlan[] {
  if (content.type === 'semantic') {
    c.problems.warn(at(place, 'type'), 'semantic indexes are not supported; it is ignored');
    return [];
  }
  const fields = (content.fields ?? []).map((item, index) => {
    const path = typeof item === 'string' ? item : item.name;
    return fieldAt(c, entity, path, at(place, 'fields', index));
  });
  for (const [index, field] of fields.entries()) {
    if (field?.transient)
      c.problems.error(at(place, 'fields', index), `field ${field.path} is transient: it is never stored`);
  }
  if (fields.length === 0) c.problems.error(place, 'fields is missing: an index needs at least one');
  const found = fields.filter((field) => field !== null);
  if (found.length === 0 || found.length < fields.length) return [];
  if (content.type === 'text') return [planText(c, entity, found, content, place)];
  return planNormal(c, found, content, place);
}

function planText(
  c: Compilation,
  entity: EntityDraft,
  fields: readonly Field[],
  content: IndexFile,
  place: Declared<IndexFile>['place'],
): IndexPlan {
  const first = entity.declared.indexes.find((index) => index.content.type === 'text');
  if (first?.content !== content) c.problems.error(place, 'there can be only one text index in an entity');
  for (const field of fields) {
    if (!field.type.textLike)
      c.problems.error(place, `field ${field.path} is of type ${field.type.name}, which has no text to index`);
    if (field.sensitive) c.problems.error(place, `field ${field.path} is sensitive and can't be searched`);
  }
  const text = plan(fields.map((field): Key => [textPath(field), 'text']));
  return { ...text, name: content.name ?? fields.map((field) => field.storagePath).join('_'), kind: 'text' };
}

/** Where the text of a value is: html keeps its plain form apart. */
function textPath(field: Field): string {
  return field.storagePath + (field.type.order.sort ?? '');
}

function planNormal(
  c: Compilation,
  fields: readonly Field[],
  content: IndexFile,
  place: Declared<IndexFile>['place'],
): IndexPlan[] {
  const [first, ...more] = fields;
  if (!first) return [];
  if (more.length > 0) {
    const keys = fields.map((field) => keysOf(field)[0]).filter((key) => key !== undefined);
    if (content.unique !== true) return [named(ordered(keys), content, 1)];
    const partialFilter = Object.fromEntries(keys.map(([path]) => [path, { $exists: true }]));
    return [named({ ...plan(keys), unique: true, partialFilter }, content, 1)];
  }
  const keys = keysOf(first);
  if (content.unique !== true) return keys.map((key) => named(ordered([key]), content, keys.length));
  if (first.type.supports.unique) (first as FieldDraft).unique = true;
  else c.problems.warn(at(place, 'unique'), `type ${first.type.name} does not support this; it is ignored`);
  return first.unique ? [planUnique(first)] : keys.map((key) => ordered([key]));
}

/** A name of the file counts only where there is one index to name. */
function named(index: IndexPlan, content: IndexFile, of: number): IndexPlan {
  return content.name === undefined || of > 1 ? index : { ...index, name: content.name };
}
