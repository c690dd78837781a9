// Rights that depend on the record: which of the caller's groups allow what on it. The union of groups counts, but one group must
// allow both the record and the field (spec entity-model §4.1).
import type { CompiledFilter, EntityModel, Field, HookRef, RecordDeed, StoredRecord } from '../definitions/model.ts';
import { matches } from '../query/matches.ts';
import type { Predicate } from '../query/predicate.ts';
import { loadConditionData } from './condition-data.ts';
import { narrowTo } from './conditions.ts';
import { type Group, SAVE_ALL, startDraft } from './draft.ts';
import type { ScriptRecord } from './hooks.ts';
import { scriptRecord } from './script-record.ts';
import type { Operation } from './service.ts';
import { visitFields } from './walk.ts';

/** A condition of a right, bound to whom it is about. */
export type RightTest =
  | { readonly kind: 'filter'; readonly predicate: Predicate; readonly filter: CompiledFilter }
  | { readonly kind: 'hook'; readonly hook: HookRef };

/** Null: always; false: never. */
export type Right = RightTest | null | false;

/** The test of a field, or of a group of fields around it. */
export interface FieldTest {
  readonly field: Field;
  readonly test: RightTest;
}

/** What one group allows on the records of an entity. */
export interface GroupRights {
  readonly records: Readonly<Record<RecordDeed, Right>>;
  /** Tests that must all hold, each at its own place; null: the group does not show the field. */
  readonly reads: (field: Field) => readonly FieldTest[] | null;
  /** The same for writing. */
  readonly writes: (field: Field) => readonly FieldTest[] | null;
  readonly action: (name: string) => Right;
  /** May a parameter be sent to an action? Values of others are dropped. */
  readonly parameter: (action: string, name: string) => Right;
}

export interface RecordRules {
  readonly groups: readonly GroupRights[];
  /** Deeds that the predicates of the access don't say in full. */
  readonly open: ReadonlySet<RecordDeed>;
  /** Fields that some of the readable records show and others don't. */
  readonly readFields: ReadonlySet<Field>;
  /** Fields that may be written into some records only. */
  readonly writeFields: ReadonlySet<Field>;
  /** The records that show a field, for filters on it; null where no query can tell: then nobody may filter by it. */
  readonly guard: (field: Field) => Predicate | null;
}

/** What is to be done with a record. */
export type Deed = RecordDeed | { readonly action: string };

/** What the caller may do with one record. */
export interface Verdict {
  readonly allowed: boolean;
  /** Concrete paths of fields that the record does not show, of those that depend on the record. */
  readonly hidden: ReadonlySet<string>;
  /** Fields that may be written, of those that depend on the record. */
  readonly writable: ReadonlySet<Field>;
}

type Judging = Pick<Operation, 'ctx' | 'definitions' | 'entity' | 'env' | 'hooks' | 'store'>;

/** A record to be judged; one that is not stored yet brings its own form for scripts. */
export interface Judged {
  readonly record: StoredRecord;
  readonly script?: ScriptRecord;
}

/**
 * What groups allow on each of the records. A function that fails counts as false and is logged, so that a broken one locks and never
 * opens (spec entity-model §3.2.7).
 */
export async function judge(
  judging: Judging,
  rules: RecordRules,
  deed: Deed,
  records: readonly Judged[],
): Promise<Verdict[]> {
  const cases = records.map((judged) => openCase(judging.entity, rules, deed, judged));
  const related = relatedFilters(cases);
  const states = records.map(({ record }) => record);
  const data = related.length > 0 ? await loadConditionData(judging, judging.store, related, states) : null;
  return Promise.all(
    cases.map(async (one) => {
      const record = data ? data.withRelated(one.judged.record) : one.judged.record;
      return decide(rules, deed, one, await answer(judging, one, record));
    }),
  );
}

/** Filters that look at other records; whom they are about is known to them already. */
function relatedFilters(cases: readonly Case[]): CompiledFilter[] {
  const filters = new Set<CompiledFilter>();
  for (const { whole, places } of cases) {
    const ofFields = places.flatMap(({ tests }) => tests.flatMap((each) => each?.map(({ test }) => test) ?? []));
    for (const test of [...whole, ...ofFields]) {
      if (test.kind === 'filter' && test.filter.fetches.length > 0) filters.add(test.filter);
    }
  }
  return [...filters].map((filter) => ({ ...filter, dynamic: false }));
}

/** A field at one place of a record, with the tests of each group; null: that group does not allow it. */
interface Placed {
  readonly field: Field;
  readonly at: string;
  readonly tests: readonly (readonly { readonly test: RightTest; readonly at: string }[] | null)[];
}

interface Case {
  readonly judged: Judged;
  /** Tests of the record as a whole. */
  readonly whole: readonly RightTest[];
  readonly places: readonly Placed[];
}

/** True where the test holds, at a place; '' is the record as a whole. */
type Answers = (test: RightTest, at: string) => boolean;

function openCase(entity: EntityModel, rules: RecordRules, deed: Deed, judged: Judged): Case {
  const whole = rules.groups.flatMap((group) => testsOf(group, deed));
  const fields = isWrite(deed) ? rules.writeFields : rules.readFields;
  if (fields.size === 0) return { judged, whole, places: [] };
  const places: Placed[] = [];
  const unseen = new Set(fields);
  visitFields(entity.fields, judged.record.data as Group, (field, _group, at) => {
    if (!fields.has(field)) return;
    unseen.delete(field);
    places.push(placed(rules, deed, field, at));
  });
  // in lists without elements and groups without value: what is asked of elements holds for all of none
  for (const field of unseen) places.push(placed(rules, deed, field, field.path));
  return { judged, whole, places };
}

function placed({ groups }: RecordRules, deed: Deed, field: Field, at: string): Placed {
  const isReal = at.includes('[') || !field.parent?.insideMany;
  const tests = groups.map((group) => {
    const own = isWrite(deed) ? group.writes(field) : group.reads(field);
    const asked = own?.filter(({ field: of }) => isReal || !of.parent?.insideMany);
    return asked ? asked.map(({ field: of, test }) => ({ test, at: placeOf(of, at) })) : null;
  });
  return { field, at, tests };
}

function isWrite(deed: Deed): boolean {
  return deed === 'create' || deed === 'update';
}

/** Tests of a group on the record as a whole. */
function testsOf(group: GroupRights, deed: Deed): RightTest[] {
  return rightsFor(group, deed).flatMap((right) => right || []);
}

/** Nothing is done with a record that can't be read, but creating it (spec entity-model §4.2). */
function rightsFor(group: GroupRights, deed: Deed): readonly Right[] {
  if (typeof deed === 'object') return [group.records.read, group.action(deed.action)];
  return deed === 'read' || deed === 'create' ? [group.records[deed]] : [group.records.read, group.records[deed]];
}

/** Where a group of fields is, seen from a place inside of it. */
function placeOf(field: Field, at: string): string {
  const depth = field.path.split('.').length;
  return at
    .split('.')
    .slice(0, depth)
    .join('.')
    .replace(/\[\d+\]$/, '');
}

async function answer(judging: Judging, { judged, whole, places }: Case, record: StoredRecord): Promise<Answers> {
  const hooks = new Map<string, { readonly hook: HookRef; readonly at: string | null }>();
  const add = (test: RightTest, at: string): void => {
    if (test.kind === 'hook') hooks.set(keyOf(test.hook, at), { hook: test.hook, at: at === '' ? null : at });
  };
  for (const test of whole) add(test, '');
  for (const { tests } of places) for (const each of tests) for (const { test, at } of each ?? []) add(test, at);
  const answers = hooks.size > 0 ? await runHooks(judging, judged, hooks) : NO_ANSWERS;
  return (test, at) =>
    test.kind === 'hook'
      ? answers.get(keyOf(test.hook, at)) === true
      : matches(test.predicate, narrowTo(judging.entity, record, at));
}

const NO_ANSWERS: ReadonlyMap<string, boolean> = new Map();
const keyOf = ({ file, fn }: HookRef, at: string): string => `${file} ${fn} ${at}`;

async function runHooks(
  { ctx, definitions, entity, env, hooks }: Judging,
  { record, script }: Judged,
  asked: ReadonlyMap<string, { readonly hook: HookRef; readonly at: string | null }>,
): Promise<ReadonlyMap<string, boolean>> {
  const access = ctx.accessTo(entity);
  const shown =
    script ?? scriptRecord(startDraft({ ctx, definitions, entity, env, access, options: SAVE_ALL, stored: record }));
  const calls = [...asked.values()].map(({ hook, at }) => ({ kind: 'condition', hook, at }) as const);
  try {
    const results = await hooks.run(ctx, { entity, record: shown, oldRecord: null, calls });
    return new Map([...asked.keys()].map((key, index) => [key, Boolean(results[index]?.value)]));
  } catch (error) {
    ctx.log.error({ err: error, entity: entity.name }, 'a function that decides about rights failed; it counts as no');
    return NO_ANSWERS;
  }
}

function decide({ groups, writeFields }: RecordRules, deed: Deed, { places }: Case, holds: Answers): Verdict {
  const allowing = groups.map((group) =>
    rightsFor(group, deed).every((right) => right === null || (right !== false && holds(right, ''))),
  );
  const passes = ({ tests }: Placed): boolean =>
    tests.some((each, index) => allowing[index] && each?.every(({ test, at }) => holds(test, at)));
  const failed = places.filter((place) => !passes(place));
  const allowed = allowing.includes(true);
  if (!isWrite(deed)) return { allowed, hidden: new Set(failed.map(({ at }) => at)), writable: NO_FIELDS };
  // a field inside a list is written with the whole list: all elements must let it be
  const locked = new Set(failed.map(({ field }) => field));
  return { allowed, hidden: NO_PATHS, writable: new Set([...writeFields].filter((field) => !locked.has(field))) };
}

const NO_PATHS: ReadonlySet<string> = new Set();
const NO_FIELDS: ReadonlySet<Field> = new Set();
