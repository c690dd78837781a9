// The state of one save while it walks through the write path: the new data, what is still to be looked up, and every error so far.
import { ObjectId } from 'mongodb';
import type { Context, EntityAccess } from '../context.ts';
import type { Definitions, EntityModel, Field, StoredRecord } from '../definitions/model.ts';
import { type AppError, type FieldError, validationErrors } from '../errors.ts';
import type { PendingLookup, Problem, ValueEnv } from '../fields/field-type.ts';
import { inFieldOrder } from './error-order.ts';
import type { NewFile } from './files.ts';

/** Values of a record or of one nested element by field name, plus `_id` and `_label` in nested ones. */
export type Group = Record<string, unknown>;

/** Which steps of the save pipeline run (spec scripting-api §1.2). */
export interface SaveOptions {
  readonly calculateFields: boolean;
  readonly performValidations: boolean;
  readonly filterByReadWriteAccess: boolean;
  readonly triggerEvents: boolean;
  readonly defaultValues: boolean;
  readonly cascadeOperations: boolean;
}

export const SAVE_ALL: SaveOptions = {
  calculateFields: true,
  performValidations: true,
  filterByReadWriteAccess: true,
  triggerEvents: true,
  defaultValues: true,
  cascadeOperations: true,
};

/** A value in the draft that waits for a lookup in another collection. */
export interface PendingValue {
  readonly field: Field;
  readonly at: string;
  /** Where the settled value goes: a group and field name, or a list and position. */
  readonly container: Group | unknown[];
  readonly key: string | number;
  readonly lookup: PendingLookup['lookup'];
}

export interface Draft {
  readonly ctx: Context;
  readonly definitions: Definitions;
  readonly entity: EntityModel;
  readonly access: EntityAccess;
  readonly options: SaveOptions;
  readonly env: ValueEnv;
  readonly id: ObjectId;
  /** State before the save; null on create. */
  readonly stored: StoredRecord | null;
  /** The new state: a private copy that the steps change in place. */
  readonly data: Group;
  readonly pending: PendingValue[];
  /** Records that references of the draft point to, as far as they were read: by entity and id, see {@link targetKey}. */
  readonly targets: Map<string, StoredRecord>;
  /** What clients sent for references that were looked up, for `rejectedValue`. */
  readonly sent: WeakMap<object, unknown>;
  /** Files that came inline; their bytes are stored when everything else is known to be right. */
  readonly newFiles: NewFile[];
  /** Nested elements that this save creates: defaults apply to them. */
  readonly newElements: Set<Group>;
  readonly errors: FieldError[];
  /** Concrete paths that already have an error: later checks stay silent there. */
  readonly failed: Set<string>;
  label: string;
  /** Hidden arrays of unique values in lists (see `StoredRecord.keys`). */
  keys: Record<string, unknown[]> | null;
}

/** Starts the draft of a save over `stored` (null: create). */
export function startDraft(
  of: Pick<Draft, 'ctx' | 'definitions' | 'entity' | 'access' | 'options' | 'env' | 'stored'>,
): Draft {
  return {
    ...of,
    id: of.stored?._id ?? new ObjectId(),
    data: of.stored ? copyGroup(of.entity.fields, of.stored.data) : {},
    pending: [],
    targets: new Map(),
    sent: new WeakMap(),
    newFiles: [],
    newElements: new Set(),
    errors: [],
    failed: new Set(),
    label: of.stored?.label ?? '',
    keys: null,
  };
}

/** Key of a record among the {@link Draft.targets}. */
export function targetKey(entity: string, id: ObjectId): string {
  return `${entity} ${id.toHexString()}`;
}

/** Copies groups and lists as deep as the fields go; scalar values are immutable and shared. Keys that no field names are kept. */
export function copyGroup(fields: readonly Field[], group: Readonly<Group>): Group {
  const copy = { ...group };
  for (const field of fields) {
    const value = copy[field.name];
    if (Array.isArray(value)) {
      copy[field.name] = field.fields.length ? value.map((item) => copyGroup(field.fields, item as Group)) : [...value];
    } else if (field.fields.length && value) {
      copy[field.name] = copyGroup(field.fields, value as Group);
    }
  }
  return copy;
}

/** Records a field error at a concrete path such as `addresses[1].zipCode`. */
export function addProblem(draft: Draft, field: Field, at: string, problem: Problem): void {
  const path = problem.at ? `${at}.${problem.at}` : at;
  draft.failed.add(at);
  draft.errors.push({
    field: path,
    fieldLabel: field.label,
    code: problem.code,
    message: problem.message,
    additionalInfo: problem.rejected === undefined ? null : { rejectedValue: problem.rejected },
  });
}

/** The `validationErrors` of a draft, all together in field order; undefined when there are none. */
export function draftErrors(draft: Draft): AppError | undefined {
  if (draft.errors.length === 0) return undefined;
  return validationErrors(inFieldOrder(draft.entity, draft.errors));
}
