// Field checks over the new state, in declaration order: required, type rules, relationship filters, choice conditions, custom
// validations; all errors are collected (spec entity-model §2.1 step 7–8).
import type { Field } from '../definitions/model.ts';
import type { FieldError } from '../errors.ts';
import { type Json, PendingLookup, Problem } from '../fields/field-type.ts';
import { ask, type Question } from './conditions.ts';
import { addProblem, type Draft } from './draft.ts';
import type { HookCall } from './hooks.ts';
import { checkReferenceFilters } from './reference-filters.ts';
import type { RecordStore } from './store.ts';
import { isEmptyField, visitFields } from './walk.ts';

/** A hook call of the checks, and what its result means for the draft. */
export interface CheckCall {
  readonly call: HookCall;
  readonly settle: (value: Json) => void;
}

/**
 * Runs every check that needs no script.
 * @param exempt concrete paths whose `required` is not checked
 * @returns the hook calls that are left, for the last message of the save
 */
export async function checkFields(draft: Draft, exempt: ReadonlySet<string>, store: RecordStore): Promise<CheckCall[]> {
  const calls: CheckCall[] = [];
  const questions: Question[] = [];
  const waiting: Promise<void>[] = [];
  const skipped: string[] = [];
  visitFields(draft.entity.fields, draft.data, (field, group, at) => {
    if (draft.failed.has(at) || skipped.some((prefix) => at.startsWith(prefix)) || isInRefused(draft, at)) return;
    const value = group[field.name];
    const empty = isEmptyField(field, value);
    if (empty) {
      if (field.required.kind !== 'never' && field.type.supports.required && !exempt.has(at)) {
        const settle = (holds: boolean): void => {
          if (holds) addProblem(draft, field, at, new Problem('required', 'This field is required'));
        };
        questions.push({ condition: field.required, at, settle });
      }
      // Inner rules count only once the group is present (spec entity-model §2.4).
      if (field.fields.length && !field.many) skipped.push(`${at}.`);
    } else if (field.fields.length === 0) checkValues(draft, field, value, at, questions, waiting);
    if (field.validation) calls.push(...validationCalls(draft, field, value, at));
  });
  const [open] = await Promise.all([
    ask(draft, questions, store),
    checkReferenceFilters(draft, store),
    Promise.all(waiting),
  ]);
  for (const { call, settle } of open) calls.push({ call, settle: (value) => settle(Boolean(value)) });
  return calls;
}

/** Nothing is known about the inside of an element that was no object. */
function isInRefused(draft: Draft, at: string): boolean {
  const end = at.lastIndexOf('].');
  return end !== -1 && draft.failed.has(at.slice(0, end + 1));
}

function checkValues(
  draft: Draft,
  field: Field,
  value: unknown,
  at: string,
  questions: Question[],
  waiting: Promise<void>[],
): void {
  const one = (item: unknown, path: string): void => {
    if (item instanceof PendingLookup || draft.failed.has(path)) return;
    const report = (problem: Problem | null): void => {
      if (problem) addProblem(draft, field, path, problem);
    };
    const result = field.type.check(item, field, draft.env);
    if (result instanceof Promise) waiting.push(result.then(report));
    else report(result);
    const condition = field.type.conditionOf?.(item, field);
    if (condition && condition.kind !== 'always' && isChanged(draft, field, item, path)) {
      const refuse = (holds: boolean): void => {
        if (!holds) report(new Problem('invalid', 'Not a valid choice', field.type.encode(item, field, draft.env)));
      };
      questions.push({ condition, at: path, settle: refuse });
    }
  };
  if (!Array.isArray(value)) one(value, at);
  else for (const [index, item] of value.entries()) one(item, `${at}[${index}]`);
}

/** A stored choice stays acceptable when its condition has turned false meanwhile (spec field-types §4.10). */
function isChanged(draft: Draft, field: Field, value: unknown, at: string): boolean {
  if (!draft.stored || at.includes('[') || at.includes('.')) return true;
  const before = draft.stored.data[field.name];
  return before == null || !field.type.equal(before, value);
}

function validationCalls(draft: Draft, field: Field, value: unknown, at: string): CheckCall[] {
  const { validation } = field;
  if (!validation) return [];
  const places = field.many ? ((value as unknown[] | undefined) ?? []).map((_, index) => `${at}[${index}]`) : [at];
  return places.map((place) => ({
    call: { kind: 'validation', hook: validation, at: place },
    settle: (result) => {
      for (const error of complaints(result)) {
        addProblem(draft, field, place, new Problem(error.code, error.message));
      }
    },
  }));
}

/** Record validations: they come last and count only where no field check complained (spec entity-model §2.1 step 8). */
export function recordValidationCalls(draft: Draft): CheckCall[] {
  const found: FieldError[] = [];
  return draft.entity.recordValidations.map((hook, index, all) => ({
    call: { kind: 'recordValidations', hook, at: null },
    settle: (result) => {
      for (const { path, code, message } of complaints(result)) {
        const field = path === null ? undefined : draft.entity.fieldByPath.get(path.replaceAll(/\[\d+\]/g, ''));
        found.push({ field: path, fieldLabel: field?.label ?? null, code, message, additionalInfo: null });
      }
      if (index === all.length - 1 && draft.errors.length === 0) for (const error of found) draft.errors.push(error);
    },
  }));
}

interface Complaint {
  readonly path: string | null;
  readonly code: string;
  readonly message: string;
}

/** What a validation hook returned: nothing, one `{path, code, message}`, or a list of them (spec entity-model §2.12). */
function complaints(result: Json): Complaint[] {
  const list = Array.isArray(result) ? result : [result];
  return list.flatMap((entry) => {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return [];
    const { path, code, message } = entry as { readonly [key: string]: Json | undefined };
    if (path === undefined && code === undefined && message === undefined) return [];
    return [
      {
        path: typeof path === 'string' ? path : null,
        code: typeof code === 'string' ? code : 'invalid',
        message: typeof message === 'string' ? message : 'Not a valid value',
      },
    ];
  });
}
