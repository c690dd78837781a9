// What documents look like at one point of a query, and what a path means there. An entity's records are the first shape; stages of
// an aggregate make others.
import type { EntityAccess } from '../context.ts';
import type { EntityModel, Field, RelatedFetch } from '../definitions/model.ts';
import { copiedPath } from '../fields/copies.ts';
import { type FieldType, type OperatorName, Problem } from '../fields/field-type.ts';
import { shown } from './shown.ts';
import { isSystemField, LABEL_SORT_PATH, SYSTEM_FIELDS } from './system-fields.ts';

/** Field names that are wanted, inner ones below groups; null: everything below. */
export type Selection = ReadonlyMap<string, Selection | null>;

/** A named value of a shape: a field wherever it is stored now, or a bundle of other columns. */
export type Column = FieldColumn | BundleColumn;

export interface FieldColumn {
  readonly kind: 'field';
  readonly field: Field;
  /** Where the value is in the documents at this point. */
  readonly path: string;
  /** Inner fields that a projection left; null: all. */
  readonly selection: Selection | null;
  /** Whose field it is where that is not the shape's owner: in the output of a group. */
  readonly owner?: Owner;
  /** A grouped relationship over REST: printed as its label (spec field-types §4.27). */
  readonly asLabel?: boolean;
}

/** Columns under one name: looked-up records, or the parts of a dotted group key. */
export interface BundleColumn {
  readonly kind: 'bundle';
  readonly path: string;
  readonly many: boolean;
  readonly shape: Shape;
}

/** The entity that fields belong to, and the reader's rights on it; null: no limits. */
export interface Owner {
  readonly entity: string;
  readonly access: EntityAccess | null;
}

export interface Shape {
  /** For messages: the entity's name, or what made the shape. */
  readonly name: string;
  readonly columns: ReadonlyMap<string, Column>;
  readonly owner: Owner;
  /** Document paths of lists that `unwind` took apart. */
  readonly unwound: ReadonlySet<string>;
}

type Operators = FieldType['operators'];

/** What a path leads to. */
export interface Target {
  /** The path as it was meant, in the declared spelling. */
  readonly name: string;
  readonly field: Field;
  /** Part of the value that is meant, such as `id` of a relationship; null: the value. */
  readonly part: string | null;
  /** Where the field's value is in the document. */
  readonly path: string;
  readonly operators: Operators;
  /** A list, or inside one. */
  readonly insideMany: boolean;
  /** Fields of the entity itself on the way: the field, or the relationship that holds the copy. */
  readonly owned: readonly Field[];
  /** Relationships on the way whose targets must be at hand, since the next field is not among their copies. */
  readonly remotes: readonly RelatedFetch[];
  /** Fields on the way that only some of the readable records show: nothing may be told of the others. */
  readonly guarded: readonly Field[];
  readonly owner: Owner;
}

export interface ResolveOptions {
  /** Metadata expressions: names match in any case when none matches exactly (spec entity-model §3.2). */
  readonly ignoreCase: boolean;
  /** Entities by name, where fields of related records may be used although they are not copied. */
  readonly related?: ((entity: string) => EntityModel | undefined) | undefined;
  /** Whoever asks leaves out the records that do not show the {@link Target.guarded} fields; else these count as hidden. */
  readonly guards?: boolean;
}

/** Longer paths than that name nothing. */
const LONGEST_PATH = 1_000;
const NOTHING: ReadonlySet<string> = new Set();
const shapes = new WeakMap<EntityModel, Shape>();

/** The records of an entity as they are stored. */
export function entityShape(entity: EntityModel, access: EntityAccess | null): Shape {
  let shape = shapes.get(entity);
  if (!shape) {
    const owner = { entity: entity.name, access: null };
    shape = { name: entity.name, columns: entityColumns(entity, ''), owner, unwound: NOTHING };
    shapes.set(entity, shape);
  }
  return access === null || (access.allFields && !entity.has.conditions)
    ? shape
    : { ...shape, owner: { entity: entity.name, access } };
}

/** The columns of an entity's records stored at `prefix` (`''`, or `data.contacts.`). */
export function entityColumns(entity: EntityModel, prefix: string): ReadonlyMap<string, Column> {
  return new Map(
    [...SYSTEM_FIELDS.values(), ...entity.fields].map((field) => [
      field.name,
      { kind: 'field', field, path: prefix + field.storagePath, selection: null },
    ]),
  );
}

/** May a field of a shape be used? Groups around it must be readable too. */
export function canRead(access: EntityAccess | null, field: Field): boolean {
  if (access === null || isSystemField(field)) return true;
  for (let each: Field | null = field; each; each = each.parent) {
    // a field that nobody may ever see is not told by filters and orders either
    if (each.readAccess.kind === 'never' || !(access.allFields || access.canRead(each))) return false;
  }
  return true;
}

/** Do at least some of the readable records show the field? */
export function maySee(access: EntityAccess | null, field: Field): boolean {
  if (canRead(access, field)) return true;
  for (let each: Field | null = field; each; each = each.parent) if (each.readAccess.kind === 'never') return false;
  return access?.byRecord?.readFields.has(field) === true;
}

/** The entry of that name; in any case when `ignoreCase` is set and none matches exactly. */
function named<T>(entries: ReadonlyMap<string, T>, name: string, ignoreCase: boolean): T | undefined {
  const exact = entries.get(name);
  if (exact !== undefined || !ignoreCase) return exact;
  const lower = name.toLowerCase();
  for (const [key, entry] of entries) if (key.toLowerCase() === lower) return entry;
  return undefined;
}

/** Resolves a path; a Problem `badRequest` when there is nothing, `forbidden` when the reader must not use it. */
export function resolvePath(shape: Shape, path: string, options: ResolveOptions): Target | Problem {
  const names = path.length > LONGEST_PATH ? [''] : path.split('.');
  let here = shape;
  let many = false;
  for (let i = 0; ; i++) {
    const column = named(here.columns, names[i] ?? '', options.ignoreCase);
    if (!column) return unknownField(path, shape);
    if (column.kind === 'field')
      return walk(column, names.slice(i + 1), {
        path,
        shape,
        owner: column.owner ?? here.owner,
        many,
        options,
      });
    if (i + 1 === names.length)
      return new Problem('badRequest', `[${path}] is no single value; name one of its fields`);
    many ||= column.many && !shape.unwound.has(column.path);
    here = column.shape;
  }
}

function unknownField(path: string, shape: Shape): Problem {
  const name = shown(path);
  const hint = /[[\]]|\.\d/.test(name) ? '; paths in queries have no indexes' : '';
  return new Problem('badRequest', `Field [${name}] does not exist in [${shape.name}]${hint}`);
}

/** What naming a field that the reader must not see answers. */
export function hiddenField(path: string): Problem {
  return new Problem('forbidden', `You don't have permissions to read field [${shown(path)}]`);
}

interface Way {
  readonly path: string;
  readonly shape: Shape;
  readonly owner: Owner;
  readonly many: boolean;
  readonly options: ResolveOptions;
}

/** Where a walk stands. */
interface Step {
  readonly field: Field;
  readonly at: string;
  readonly selection: Selection | null;
  readonly remotes: readonly RelatedFetch[];
  /** Beyond a relationship: the reader's rights on the relationship decide, since its value shows the copies. */
  readonly related: boolean;
  readonly insideMany: boolean;
  readonly guarded: readonly Field[];
}

/** Goes from a column down the remaining names: inner fields, copied fields, and at the end a part of the value. */
function walk(column: FieldColumn, names: readonly string[], way: Way): Target | Problem {
  const { field, path, selection } = column;
  const insideMany = way.many || (field.many && !way.shape.unwound.has(path));
  let step: Step = { field, at: path, selection, remotes: [], related: false, insideMany, guarded: [] };
  const owned: Field[] = [field];
  for (let next = 0; ; ) {
    if (!step.related && !canRead(way.owner.access, step.field)) {
      if (!way.options.guards || !maySee(way.owner.access, step.field)) return hiddenField(way.path);
      step = { ...step, guarded: [step.field] };
    }
    const name = names[next];
    if (name === undefined) return target(way, step, owned, null, step.field.type.operators);
    const inner = named(step.field.fieldByName, name, way.options.ignoreCase);
    if (inner && isSelected(step.selection, inner.name)) {
      step = enter(step, inner, `${step.at}.${inner.name}`, way);
      if (!step.related) owned.push(inner);
      next++;
      continue;
    }
    const system = next + 1 === names.length ? groupIdentity(step.field, name) : undefined;
    if (system)
      return target(
        way,
        { ...step, field: system.field, at: step.at + system.suffix },
        owned,
        null,
        system.field.type.operators,
      );
    const part = next + 1 === names.length ? partNamed(step.field, name, way.options.ignoreCase) : undefined;
    if (part) return target(way, step, owned, part, step.field.type.subPaths?.[part] ?? {});
    const related = relatedField(step, names.slice(next), way.options);
    if (!related) return step.field.relationship ? notCopied(way.path, step.field) : unknownField(way.path, way.shape);
    step = enter(related.from, related.field, copiedPath(step.at, related.field), way);
    next += related.taken;
  }
}

function target(way: Way, step: Step, owned: readonly Field[], part: string | null, operators: Operators): Target {
  const { field, at, insideMany, remotes, guarded } = step;
  return { name: way.path, field, part, path: at, operators, insideMany, owned, remotes, guarded, owner: way.owner };
}

function enter(from: Step, field: Field, at: string, { shape }: Way): Step {
  const insideMany = from.insideMany || (field.many && !shape.unwound.has(at));
  return { ...from, field, at, selection: from.selection?.get(field.name) ?? null, insideMany };
}

/** The field that names beyond a relationship mean: a copied one, or where that is allowed any of the related record. */
function relatedField(
  step: Step,
  names: readonly string[],
  { ignoreCase, related }: ResolveOptions,
): { readonly field: Field; readonly taken: number; readonly from: Step } | null {
  const rule = step.field.relationship;
  // what a sealed reference keeps is sealed with it: only conditions in memory see it in clear
  if (!rule || (step.field.sensitive && !related)) return null;
  const copy = rule.copiedFields.find((each) => isBeginning(each.path.split('.'), names, ignoreCase));
  if (copy && isSelected(step.selection, copy.path.split('.')[0] ?? '')) {
    const from = { ...step, selection: null, related: true, insideMany: step.insideMany || copy.insideMany };
    return { field: copy, taken: copy.path.split('.').length, from };
  }
  const entity = copy ? undefined : related?.(rule.entity);
  const field = entity && named(entity.fieldByName, names[0] ?? '', ignoreCase);
  if (!field) return null;
  const remotes = [...step.remotes, { path: step.at, entity: rule.entity }];
  return { field, taken: 1, from: { ...step, selection: null, related: true, remotes } };
}

function isSelected(selection: Selection | null, name: string): boolean {
  return selection === null || selection.has(name);
}

function partNamed({ type }: Field, name: string, ignoreCase: boolean): string | undefined {
  if (!type.subPaths) return undefined;
  if (Object.hasOwn(type.subPaths, name)) return name;
  if (!ignoreCase) return undefined;
  return Object.keys(type.subPaths).find((each) => each.toLowerCase() === name.toLowerCase());
}

/** `id` and `label` of a nested group or its elements. */
function groupIdentity(group: Field, name: string): { readonly field: Field; readonly suffix: string } | undefined {
  const field = group.fields.length > 0 && name !== 'version' ? SYSTEM_FIELDS.get(name) : undefined;
  return field && { field, suffix: `._${field.storagePath.replace(/^_/, '')}` };
}

function notCopied(path: string, { path: relationship }: Field): Problem {
  return new Problem(
    'badRequest',
    `Field [${shown(path)}] is not among the copied fields of relationship [${relationship}]`,
  );
}

function isBeginning(path: readonly string[], names: readonly string[], ignoreCase: boolean): boolean {
  const same = (a: string, b: string | undefined): boolean =>
    a === b || (ignoreCase && b !== undefined && a.toLowerCase() === b.toLowerCase());
  return path.every((segment, index) => same(segment, names[index]));
}

/** The operator compilers' name for a test, or a Problem when the type does not have it. */
export function operatorOf(target: Target, name: OperatorName): NonNullable<Operators[OperatorName]> | Problem {
  const compile = Object.hasOwn(target.operators, name) ? target.operators[name] : undefined;
  return compile ?? new Problem('badRequest', `Operator [${name}] is not supported by field [${target.name}]`);
}

/** Where the stored value is that sorts a target: the path in the document, or a Problem that says why it does not sort. */
export function sortPath(target: Target): string | Problem {
  const refuse = (why: string): Problem =>
    new Problem('badRequest', `Field [${target.name}] can't be sorted by: ${why}`);
  if (target.insideMany) return refuse('it has several values');
  if (target.field.sensitive) return refuse('it is sensitive');
  if (target.owned.some((field) => field.transient)) return refuse('it is not stored');
  if (target.field === SYSTEM_FIELDS.get('label') && !target.path.endsWith('._label')) {
    return target.path.slice(0, -'label'.length) + LABEL_SORT_PATH;
  }
  const suffix = target.part === null ? target.field.type.order.sort : partSuffix(target, target.part);
  return suffix === null ? refuse('its type has no order') : target.path + suffix;
}

/** Where a part of a structured value is stored (see StoredRecord). */
export function partSuffix({ field }: Target, part: string): string {
  if (part === 'id') return '._id';
  if (part !== 'label') return `.${part}`;
  return field.type.order.sort ?? '.label';
}
