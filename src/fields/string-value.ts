// What all types stored as one string have in common; each of them spreads this and adds its own.
import { type Decoded, type Json, type Operand, Problem } from './field-type.ts';
import { emptiness, equality, like, operandText, ordered } from './operators.ts';
import { wrongStructure } from './problems.ts';

/** The members of a type whose stored value, native JSON, plain text and CSV cell are one and the same string. */
export const stringValue = {
  automatic: false,
  lifecycle: null,
  textLike: true,
  emptyNative: null,
  encode: (value: string): Json => value,
  plainText: (value: string): string => value,
  toCsv: (value: string): string => value,
  equal: (a: string, b: string): boolean => a === b,
  isEmpty: (value: string): boolean => value === '',
  order: { sort: '', group: '', minMax: true, firstLast: true },
  uniqueKey: { of: (value: string): unknown => value, suffix: '' },
  indexSuffixes: [''],
  indexKind: 1,
} as const;

/** Text types support everything but sums (spec field-types §2.11). */
export const TEXT_SUPPORTS = {
  many: true,
  default: true,
  unique: true,
  required: true,
  indexable: true,
  sensitive: true,
  calculated: true,
  aggregatable: false,
} as const;

/** E N 0 L C on the string as it is stored. */
export const stringOperators = {
  ...equality(operandText),
  ...emptiness(),
  ...ordered(operandText),
  ...like(),
};

/**
 * A string as it can be stored: numbers and booleans as their JSON text, halves of surrogate pairs replaced as the database
 * would, blank text as null (spec README).
 */
export function decodeString(input: Json): Decoded<string> {
  if (input === null) return null;
  if (typeof input === 'object') return wrongStructure(input);
  const text = typeof input === 'string' ? input.toWellFormed() : String(input);
  return text.trim() === '' ? null : text;
}

/** Reads an operand with a format of its own: the text of the operand, turned into what is stored. */
export const parseText =
  (read: (text: string) => unknown) =>
  (operand: Operand): unknown => {
    const text = operandText(operand);
    return text instanceof Problem ? text : read(text);
  };

/** Length in Unicode code points, which is what all length rules count. */
export function lengthOf(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    if (text.charCodeAt(i) >>> 10 === 0x36 && text.charCodeAt(i + 1) >>> 10 === 0x37) length--;
  }
  return length;
}
