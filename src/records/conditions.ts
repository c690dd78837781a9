// Conditions of fields (required, read and write access, choice options) on the state of a draft; hooks among them go in one message.
import type { Condition, EntityModel, Field, FilterEnv, StoredRecord } from '../definitions/model.ts';
import { matches } from '../query/matches.ts';
import { type ConditionData, type ConditionScope, loadConditionData } from './condition-data.ts';
import type { Draft, Group } from './draft.ts';
import type { HookCall } from './hooks.ts';
import type { RecordStore } from './store.ts';

/** A condition at one concrete place, and what to do once its truth is known. */
export interface Question {
  readonly condition: Condition;
  readonly at: string;
  readonly settle: (holds: boolean) => void;
}

/** A condition that only a function of the app can answer. */
export interface OpenQuestion {
  readonly call: HookCall;
  readonly settle: (holds: boolean) => void;
}

/** Answers what needs no script and returns the hook calls that are left, with what to do with each result. */
export async function ask(draft: Draft, questions: readonly Question[], store: RecordStore): Promise<OpenQuestion[]> {
  const [open = []] = await askAll(draft, [{ draft, questions }], store);
  return open;
}

/** The same for the drafts of several records of one operation, whose filters are served by the same few reads. */
export async function askAll(
  scope: ConditionScope,
  asked: readonly { readonly draft: Draft; readonly questions: readonly Question[] }[],
  store: RecordStore,
): Promise<OpenQuestion[][]> {
  const filters = new Set(
    asked.flatMap(({ questions }) =>
      questions.flatMap(({ condition }) => (condition.kind === 'filter' ? [condition.filter] : [])),
    ),
  );
  const records = filters.size > 0 ? asked.map(({ draft }) => draftRecord(draft)) : [];
  const data = filters.size > 0 ? await loadConditionData(scope, store, [...filters], records) : null;
  return asked.map(({ draft, questions }) => answer(draft, questions, data));
}

function answer(draft: Draft, questions: readonly Question[], data: ConditionData | null): OpenQuestion[] {
  const open: OpenQuestion[] = [];
  const record = data?.withRelated(draftRecord(draft));
  for (const { condition, at, settle } of questions) {
    if (condition.kind === 'always') settle(true);
    else if (condition.kind === 'never') settle(false);
    else if (condition.kind === 'hook') open.push({ call: { kind: 'condition', hook: condition.hook, at }, settle });
    else if (data && record) {
      const predicate = condition.filter.bind(filterEnv(draft, data.userRecord, record));
      settle(matches(predicate, narrowTo(draft.entity, record, at)));
    }
  }
  return open;
}

/** The environment in which metadata expressions of this save are evaluated. */
export function filterEnv(draft: Draft, userRecord: StoredRecord | null, sourceRecord: StoredRecord): FilterEnv {
  return { ...draft.env, ignoreCase: true, groups: draft.definitions.groups, userRecord, sourceRecord };
}

/** The draft as the stored record it is going to be. */
export function draftRecord(draft: Draft): StoredRecord {
  return {
    _id: draft.id,
    version: draft.stored?.version ?? 0,
    label: draft.label,
    __label_lower_case__: draft.label.toLowerCase(),
    data: draft.data,
  };
}

/**
 * The record as a condition at `at` sees it: inside a list of groups, paths through that list mean the element at hand
 * (spec entity-model §3.2.2), so the list is narrowed to it.
 */
export function narrowTo(entity: EntityModel, record: StoredRecord, at: string): StoredRecord {
  return at.includes('[') ? { ...record, data: narrow(entity.fields, record.data, at.split('.')) } : record;
}

function narrow(fields: readonly Field[], group: Readonly<Group>, steps: readonly string[]): Group {
  const [step = '', ...rest] = steps;
  const [name = '', index] = step.split(/[[\]]/);
  const field = fields.find((candidate) => candidate.name === name);
  if (!field || field.fields.length === 0 || rest.length === 0) return group;
  const value = group[name];
  if (index === undefined || !Array.isArray(value)) {
    return { ...group, [name]: narrow(field.fields, (value ?? {}) as Group, rest) };
  }
  return { ...group, [name]: [narrow(field.fields, value[Number(index)] as Group, rest)] };
}
