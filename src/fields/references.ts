// What values that refer to something by id have in common: relationships, groups and files.
import { ObjectId } from 'mongodb';
import { or } from '../query/predicate.ts';
import { type Json, type Operand, type OperatorCompiler, Problem } from './field-type.ts';
import { equality, operandText } from './operators.ts';

const ID = /^[0-9a-f]{24}$/i;

export type JsonObject = { readonly [key: string]: Json | undefined };

/** The id that a text is, if it is one. */
export function readId(text: unknown): ObjectId | null {
  return typeof text === 'string' && ID.test(text) ? new ObjectId(text) : null;
}

export function isObject(input: Json | undefined): input is JsonObject {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

export function isBlank(input: Json | undefined): boolean {
  return input === undefined || input === null || (typeof input === 'string' && input.trim() === '');
}

/** The first of `keys` that has a value in the object. */
export function firstGiven(input: JsonObject, keys: readonly string[]): readonly [key: string, value: Json] | null {
  for (const key of keys) {
    const value = input[key];
    if (value !== undefined && !isBlank(value)) return [key, value];
  }
  return null;
}

/** `equals` and `notEquals` on the id; an operand that is no id equals none. */
export const idEquality = <O>() =>
  equality<O>(
    (operand) => {
      const text = operandText(operand);
      return text instanceof Problem ? text : (readId(text) ?? text);
    },
    { suffix: '._id', foldCase: 'never' },
  );

/** `equals` and `notEquals` on a label that is kept in lower case too, for where case does not count (spec entity-model §3.2). */
export function labelEquality<O>() {
  const exact = equality<O>(operandText, { suffix: '.label', foldCase: 'never' });
  const folded = equality<O>(
    (operand) => {
      const text = operandText(operand);
      return text instanceof Problem ? text : text.toLowerCase();
    },
    { suffix: '.__label_lower_case__', foldCase: 'never' },
  );
  const choose =
    (name: 'equals' | 'notEquals'): OperatorCompiler<O> =>
    (operands, field, path, env) =>
      (env.ignoreCase ? folded : exact)[name](operands, field, path, env);
  return { equals: choose('equals'), notEquals: choose('notEquals') };
}

/**
 * `equals` on the bare path: an operand that is an id matches the id or the text, any other the text; `{id}` and `{<key>}` objects
 * of query maps force one (spec field-types §4.27).
 * @param key what the text is called in the native form: `label` or `name`
 */
export function idOrText<O>(key: string, text: OperatorCompiler<O>): OperatorCompiler<O> {
  const { equals: equalsId } = idEquality<O>();
  return (operands, field, path, env) => {
    const ids: Operand[] = [];
    const texts: Operand[] = [];
    for (const operand of operands.flatMap(each)) {
      const { value } = operand;
      const [given, inner] = (isObject(value) && firstGiven(value, ['id', key])) || [key, value];
      const found = { value: inner, quoted: operand.quoted };
      if (given === 'id' || readId(inner)) ids.push(found);
      if (given === key) texts.push(found);
    }
    const onId = ids.length > 0 ? equalsId(ids, field, path, env) : null;
    if (onId instanceof Problem || (onId && texts.length === 0)) return onId;
    const onText = text(texts, field, path, env);
    return onText instanceof Problem ? onText : or(onId ? [onId, onText] : [onText]);
  };
}

/** Lists in query maps mean "any of them". */
export function each(operand: Operand): readonly Operand[] {
  return Array.isArray(operand.value) ? operand.value.map((value) => ({ value, quoted: operand.quoted })) : [operand];
}
