// What conditions of the metadata look at beside the record at hand: the current user's record, and related records whose fields
// are not copied (spec entity-model §3.2).
import { ObjectId } from 'mongodb';
import type { Context } from '../context.ts';
import type { CompiledFilter, Definitions, RelatedFetch, StoredRecord } from '../definitions/model.ts';
import type { ValueEnv } from '../fields/field-type.ts';
import { isDocument } from '../query/compare.ts';
import { valuesAt } from '../query/matches.ts';
import type { RecordStore } from './store.ts';

/** Who asks, and when: conditions of one operation see one state of the user. */
export interface ConditionScope {
  readonly ctx: Context;
  readonly definitions: Definitions;
  readonly env: ValueEnv;
}

export interface ConditionData {
  readonly userRecord: StoredRecord | null;
  /** The record with its related records in place of the copies of their fields. */
  readonly withRelated: (record: StoredRecord) => StoredRecord;
}

type Source = Pick<RecordStore, 'findById' | 'findByIds'>;

/** Loads what the filters need to be evaluated on these records; nothing for filters that look at the record alone. */
export async function loadConditionData(
  scope: ConditionScope,
  store: Source,
  filters: readonly CompiledFilter[],
  records: readonly StoredRecord[],
): Promise<ConditionData> {
  const userRecord = filters.some(({ dynamic }) => dynamic) ? await currentUser(scope, store) : null;
  const fetches = new Map(filters.flatMap((filter) => filter.fetches).map((fetch) => [fetch.path, fetch]));
  if (fetches.size === 0) return { userRecord, withRelated: (record) => record };
  return { userRecord, withRelated: await relatedTo(scope, store, [...fetches.values()], records) };
}

const users = new WeakMap<ValueEnv, Promise<StoredRecord | null>>();

/** The stored record of the current user, read once in an operation. */
function currentUser({ ctx, definitions, env }: ConditionScope, store: Source): Promise<StoredRecord | null> {
  let user = users.get(env);
  if (!user) {
    const entity = definitions.entities.get('sys.users');
    user = entity ? store.findById(entity, new ObjectId(ctx.principal.id)) : Promise.resolve(null);
    users.set(env, user);
  }
  return user;
}

/** Outer relationships first, since inner ones are found in their records; one query per entity and level. */
async function relatedTo(
  { definitions }: ConditionScope,
  store: Source,
  fetches: readonly RelatedFetch[],
  records: readonly StoredRecord[],
): Promise<ConditionData['withRelated']> {
  const steps: ((record: StoredRecord) => StoredRecord)[] = [];
  const complete = (record: StoredRecord): StoredRecord => steps.reduce((done, step) => step(done), record);
  for (const level of levelsOf(fetches)) {
    const reached = records.map(complete);
    const targets = await Promise.all(
      [...Map.groupBy(level, ({ entity }) => entity)].map(async ([name, group]) => {
        const ids = new Map(group.flatMap(({ path }) => reached.flatMap((record) => idsAt(record, path))));
        const entity = definitions.entities.get(name);
        return entity && ids.size > 0 ? store.findByIds(entity, [...ids.values()]) : [];
      }),
    );
    const byId = new Map(targets.flat().map((target) => [target._id.toHexString(), target]));
    for (const { path } of level) steps.push((record) => replaceCopies(record, path.split('.'), byId) as StoredRecord);
  }
  return complete;
}

function levelsOf(fetches: readonly RelatedFetch[]): RelatedFetch[][] {
  const depth = ({ path }: RelatedFetch): number => path.split('.availableFields.').length;
  const byDepth = Map.groupBy(fetches, depth);
  return [...byDepth.keys()].sort((a, b) => a - b).map((key) => byDepth.get(key) ?? []);
}

function idsAt(record: StoredRecord, path: string): [string, ObjectId][] {
  return valuesAt(record, `${path}._id`).flatMap((id) => (id instanceof ObjectId ? [[id.toHexString(), id]] : []));
}

/** Copies the way to the references at `path` and gives each the data of its target; one without a target keeps its copies. */
function replaceCopies(value: unknown, path: readonly string[], targets: ReadonlyMap<string, StoredRecord>): unknown {
  if (Array.isArray(value)) return value.map((item) => replaceCopies(item, path, targets));
  if (!isDocument(value)) return value;
  const [name, ...rest] = path;
  if (name === undefined) {
    const target = value._id instanceof ObjectId ? targets.get(value._id.toHexString()) : undefined;
    return target ? { ...value, availableFields: target.data } : value;
  }
  return value[name] === undefined ? value : { ...value, [name]: replaceCopies(value[name], rest, targets) };
}
