// The stages of an aggregate: one entry of the table per stage (spec scripting-api §1.9). What is not here does not exist, so nothing
// of MongoDB's own pipeline language gets through.
import { badRequest } from '../errors.ts';
import { Problem } from '../fields/field-type.ts';
import { createCompiler, problemError } from './compiler.ts';
import { appendCount } from './count-stage.ts';
import { appendGeoNear } from './geo-near-stage.ts';
import { appendGroup } from './group-stage.ts';
import { appendLookup } from './lookup-stage.ts';
import { type Draft, filterOn, requireMap, resolve, settleOrder, startPipeline } from './pipeline.ts';
import type { Predicate } from './predicate.ts';
import { appendProject } from './project-stage.ts';
import { sortPath } from './shape.ts';
import { shown } from './shown.ts';
import { checkNear } from './special-tests.ts';
import { appendUnwind } from './unwind-stage.ts';

/** Appends a stage with its settings to the draft. */
type Stage = (draft: Draft, value: unknown) => void;

const STAGES: Readonly<Record<string, Stage>> = {
  match: (draft, value) => {
    const predicate = compileMatch(draft, requireMap(value, 'match'));
    if (predicate.kind !== 'all') draft.pipeline.push({ $match: filterOn(draft, draft.shape, predicate) });
  },
  group: appendGroup,
  sort: (draft, value) => {
    const order = readSort(draft, requireMap(value, 'sort'));
    draft.pending = null;
    draft.pipeline.push({ $sort: order });
  },
  project: appendProject,
  skip: (draft, value) => {
    const count = readCount(value, 'skip', 0);
    settleOrder(draft);
    if (count > 0) draft.pipeline.push({ $skip: count });
  },
  limit: (draft, value) => {
    const count = readCount(value, 'limit', 1);
    settleOrder(draft);
    draft.pipeline.push({ $limit: count });
  },
  unwind: appendUnwind,
  lookup: appendLookup,
  count: appendCount,
  geoNear: appendGeoNear,
};

/**
 * Appends the stage of that name.
 * @throws AppError `badRequest` for unknown stages and wrong settings, `forbidden` for fields hidden from the reader
 */
export function appendStage(draft: Draft, name: string, value: unknown): void {
  const stage = Object.hasOwn(STAGES, name) ? STAGES[name] : undefined;
  if (!stage) {
    throw badRequest(`Stage [${shown(name)}] does not exist; there are ${Object.keys(STAGES).join(', ')}`);
  }
  if (stage !== appendGeoNear) startPipeline(draft);
  stage(draft, value);
}

/** Parameters of query maps that have no meaning in `match`. */
const IGNORED: ReadonlySet<string> = new Set([
  '_size',
  '_offset',
  '_sortField',
  '_sortType',
  '_fields',
  '_relationshipsToFetch',
  '_format',
  '_formatForUser',
]);

function compileMatch(draft: Draft, map: Readonly<Record<string, unknown>>): Predicate {
  const { scope, env, entities, userRecord = null } = draft.env;
  const filters = Object.fromEntries(Object.entries(map).filter(([name]) => !IGNORED.has(name)));
  const compiler = createCompiler(draft.shape, { scope, env, entities, limits: draft.limits });
  const term = compiler.expression(filters);
  const predicate = term.bind({ ...env, ignoreCase: false, userRecord, sourceRecord: null });
  checkNear(predicate);
  return predicate;
}

function readSort(draft: Draft, map: Readonly<Record<string, unknown>>): Record<string, 1 | -1> {
  const entries = Object.entries(map);
  const { stageEntries } = draft.limits;
  if (entries.length === 0) throw badRequest('[sort] needs at least one field');
  if (entries.length > stageEntries) throw badRequest(`[sort] takes at most ${stageEntries} fields`);
  const order: Record<string, 1 | -1> = {};
  for (const [path, direction] of entries) {
    if (direction !== 'asc' && direction !== 'desc') {
      throw badRequest(`[sort] by [${shown(path)}] must be asc or desc`);
    }
    const at = sortPath(resolve(draft, path));
    if (at instanceof Problem) throw problemError(at);
    order[at] ??= direction === 'asc' ? 1 : -1;
  }
  const [first = 1] = Object.values(order);
  for (const path of Object.keys(draft.ties)) {
    // MongoDB sorts by no more than 32 keys
    if (Object.keys(order).length < 32) order[path] ??= first;
  }
  return order;
}

function readCount(value: unknown, stage: string, lowest: number): number {
  const count = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= lowest) return count;
  throw badRequest(`[${stage}] needs a positive integer`);
}
