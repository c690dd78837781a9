// `{group: {by: 'company,state', totalSkills: 'sum(numberOfSkills)'}}`: one row per combination of the `by` values.
import { badRequest } from '../errors.ts';
import { Problem } from '../fields/field-type.ts';
import { type Accumulated, accumulate } from './accumulators.ts';
import { problemError } from './compiler.ts';
import {
  columnOf,
  type Draft,
  freshPath,
  outputName,
  readPaths,
  requireMap,
  resolve,
  settleOrder,
} from './pipeline.ts';
import { type Column, type FieldColumn, partSuffix, resolvePath, type Shape, type Target } from './shape.ts';

interface Grouping {
  /** Keys, and accumulators, by their names in the documents. */
  readonly id: Record<string, unknown>;
  readonly accumulators: Record<string, unknown>;
  /** The documents after the stage. */
  readonly output: Record<string, string>;
  readonly columns: Map<string, Column>;
  readonly order: Record<string, 1>;
  readonly unwound: Set<string>;
}

export function appendGroup(draft: Draft, value: unknown): void {
  const { by, ...outputs } = requireMap(value, 'group');
  if (Object.keys(outputs).length > draft.limits.stageEntries) {
    throw badRequest(`[group] takes at most ${draft.limits.stageEntries} outputs`);
  }
  const grouping: Grouping = {
    id: {},
    accumulators: {},
    output: {},
    columns: new Map(),
    order: {},
    unwound: new Set(),
  };
  const paths = by === undefined || by === null || by === '' ? [] : readPaths(draft, by, 'group');
  for (const path of paths) addKey(draft, grouping, path);
  let usesOrder = false;
  for (const [name, text] of Object.entries(outputs)) {
    outputName(name, grouping.columns, 'group');
    const accumulated = typeof text === 'string' ? accumulatedOf(draft, text) : NO_FUNCTION;
    if (accumulated instanceof Problem) throw problemError(accumulated);
    usesOrder ||= accumulated.whole;
    addOutput(draft, grouping, name, accumulated);
  }
  if (usesOrder) settleOrder(draft);
  const _id = paths.length > 0 ? grouping.id : null;
  draft.pipeline.push({ $group: { _id, ...grouping.accumulators } }, { $replaceWith: grouping.output });
  draft.pending = grouping.order;
  draft.ties = grouping.order;
  draft.shape = { ...draft.shape, name: 'group', columns: grouping.columns, unwound: grouping.unwound };
}

const NO_FUNCTION = new Problem('badRequest', '[group] needs a function such as sum(field) for each output');

function accumulatedOf(draft: Draft, text: string): (Accumulated & { readonly target: Target | null }) | Problem {
  let target: Target | null = null;
  const accumulated = accumulate(text.trim(), (path) => {
    const found = resolvePath(draft.shape, path, { ignoreCase: false });
    if (!(found instanceof Problem)) target = found;
    return found;
  });
  return accumulated instanceof Problem ? accumulated : { ...accumulated, target };
}

function addOutput(
  draft: Draft,
  grouping: Grouping,
  name: string,
  { expression, suffix, field, whole, target }: Accumulated & { readonly target: Target | null },
): void {
  const path = freshPath(draft);
  grouping.accumulators[path] = expression;
  grouping.output[path] = `$${path}${suffix}`;
  const owner = target ? { owner: target.owner } : {};
  grouping.columns.set(name, { kind: 'field', field, path, selection: null, ...owner });
  if (!whole || (target && !target.insideMany)) grouping.unwound.add(path);
}

function addKey(draft: Draft, grouping: Grouping, by: string): void {
  const target = resolve(draft, by);
  const suffix = keySuffix(target);
  const key = freshPath(draft);
  const at = `$${target.path}${suffix}`;
  // missing and null are one group, and what a missing boolean says is false
  grouping.id[key] = { $ifNull: [at, target.field.type.emptyNative] };
  const isWhole = target.part === null && suffix !== '';
  const path = isWhole ? freshPath(draft) : key;
  if (isWhole) grouping.accumulators[path] = { $first: `$${target.path}` };
  grouping.output[path] = isWhole ? `$${path}` : `$_id.${key}`;
  grouping.order[isWhole ? path + suffix : path] = 1;
  grouping.unwound.add(path);
  const asLabel = draft.env.scope === 'rest' && target.field.relationship !== null && target.part === null;
  addNested(grouping.columns, by.split('.'), { ...columnOf(target, path), asLabel }, draft.shape, by);
}

function keySuffix(target: Target): string {
  const { field, part, name, insideMany } = target;
  const refuse = (why: string): Error => badRequest(`[group] can't be by field [${name}]: ${why}`);
  if (insideMany) throw refuse('it has several values');
  if (field.sensitive) throw refuse('it is sensitive');
  if (field.transient) throw refuse('it is not stored');
  if (part !== null) return partSuffix(target, part);
  const suffix = field.type.order.group;
  if (suffix === null) throw refuse('its type can not be grouped');
  return suffix;
}

/** Keys with dots are objects in the rows, as the fields they come from are in records. */
function addNested(
  columns: Map<string, Column>,
  [name = '', ...rest]: readonly string[],
  column: FieldColumn,
  shape: Shape,
  by: string,
): void {
  const before = columns.get(name);
  if (rest.length === 0) {
    if (before) throw badRequest(`[group] by [${by}] overlaps with another key`);
    columns.set(name, column);
    return;
  }
  if (before?.kind === 'field') throw badRequest(`[group] by [${by}] overlaps with another key`);
  const inner = new Map(before?.shape.columns);
  addNested(inner, rest, column, shape, by);
  columns.set(name, { kind: 'bundle', path: '', many: false, shape: { ...shape, name: by, columns: inner } });
}
