// Values that are known only when a filter is used: the current user, the current record, the current date.
import { ObjectId } from 'mongodb';
import type { EntityModel, Field, FilterEnv, StoredRecord } from '../definitions/model.ts';
import { type Operand, Problem } from '../fields/field-type.ts';
import { isDocument } from './compare.ts';
import { valuesAt } from './matches.ts';
import { entityShape, resolvePath, type Target } from './shape.ts';
import { shown } from './shown.ts';

/** Stands for as many operands as there are values at the moment. */
export interface DynamicOperand {
  /** An operand of the same form, to check the filter with before there are values; null: it can only be known in use. */
  readonly sample: Operand | null;
  readonly resolve: (env: FilterEnv) => readonly Operand[];
}

/** An operand of a filter, or a place for one. */
export type AnyOperand = Operand | DynamicOperand;

export function isDynamic(operand: AnyOperand): operand is DynamicOperand {
  return 'resolve' in operand;
}

/** `$currentDate` and its older spellings (spec entity-model §0.3). */
const CURRENT_DATE = new Set(['$currentdate', '__current_date__', 'expressions/currentdate']);

const NOW: Operand = { value: 'now', quoted: false };
const SOME_ID = new ObjectId('0'.repeat(24));

/** The dynamic value that a word of a metadata expression stands for, if any. `target` is what it is compared with. */
export function tokenOperand(word: string, target: Target): DynamicOperand | null {
  const token = word.toLowerCase();
  const sample = idValue(SOME_ID, target);
  if (token === '$currentuser') return { sample, resolve: (env) => idOperand(env.userRecord, target) };
  if (token === '$currentrecord') return { sample, resolve: (env) => idOperand(env.sourceRecord, target) };
  return CURRENT_DATE.has(token) ? { sample: NOW, resolve: () => [NOW] } : null;
}

/**
 * The values of a field of the current user or record, as operands for `target` (spec entity-model §3.2).
 * @param entity what the user or record is of; undefined: nothing there can be named
 */
export function fieldOperand(
  path: string,
  entity: EntityModel | undefined,
  record: (env: FilterEnv) => StoredRecord | null,
  target: Target,
  ignoreCase: boolean,
): DynamicOperand | Problem {
  if (!entity)
    return new Problem('badRequest', `Field [${shown(path)}] can't be used here: there is no record it could be of`);
  const source = resolvePath(entityShape(entity, null), path, { ignoreCase });
  if (source instanceof Problem) return source;
  return {
    sample: null,
    resolve: (env) => {
      const from = record(env);
      return from ? valuesAt(from, source.path).map((value) => toOperand(value, source, target, env)) : [];
    },
  };
}

function toOperand(value: unknown, source: Target, target: Target, env: FilterEnv): Operand {
  // references of any type compare by what they refer to
  if (isDocument(value) && value._id instanceof ObjectId && source.part !== 'label') return idValue(value._id, target);
  const part = source.part !== null && isDocument(value) ? value[source.part] : undefined;
  if (typeof part === 'string') return { value: part, quoted: true };
  if (value instanceof ObjectId) return idValue(value, target);
  return { value: source.field.type.encode(value, source.field as Field, env), quoted: true };
}

function idOperand(record: StoredRecord | null, target: Target): readonly Operand[] {
  return record ? [idValue(record._id, target)] : [];
}

/** An id says that it is one where a bare text could be a label too. */
function idValue(id: ObjectId, { field, part }: Target): Operand {
  const hex = id.toHexString();
  return { value: field.relationship && part === null ? { id: hex } : hex, quoted: true };
}
