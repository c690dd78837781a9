// Conditions of fields (required, read and write access, choice options) on the state of a draft; hooks among them go in one message.
import type { Condition, Field, FilterEnv, StoredRecord } from '../definitions/model.ts';
import { matches } from '../query/matches.ts';
import type { Draft, Group } from './draft.ts';
import type { HookCall } from './hooks.ts';

/** A condition at one concrete place, and what to do once its truth is known. */
export interface Question {
  readonly condition: Condition;
  readonly at: string;
  readonly settle: (holds: boolean) => void;
}

/** Answers what needs no script at once and returns the hook calls that are left, with what to do with each result. */
export function ask(
  draft: Draft,
  questions: readonly Question[],
): { call: HookCall; settle: (holds: boolean) => void }[] {
  const calls: { call: HookCall; settle: (holds: boolean) => void }[] = [];
  for (const { condition, at, settle } of questions) {
    if (condition.kind === 'always') settle(true);
    else if (condition.kind === 'never') settle(false);
    else if (condition.kind === 'hook') calls.push({ call: { kind: 'condition', hook: condition.hook, at }, settle });
    else settle(matches(condition.filter.bind(filterEnv(draft)), recordAt(draft, at)));
  }
  return calls;
}

/** The environment in which metadata expressions of this save are evaluated. */
export function filterEnv(draft: Draft): FilterEnv {
  return {
    ...draft.env,
    ignoreCase: true,
    groups: draft.definitions.groups,
    userRecord: null,
    sourceRecord: draftRecord(draft),
  };
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
function recordAt(draft: Draft, at: string): StoredRecord {
  const record = draftRecord(draft);
  return at.includes('[') ? { ...record, data: narrow(draft.entity.fields, draft.data, at.split('.')) } : record;
}

function narrow(fields: readonly Field[], group: Group, steps: readonly string[]): Group {
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
