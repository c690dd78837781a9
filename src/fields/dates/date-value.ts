// What all date types have in common, and the types stored as the text of a wall clock: date, dateTimeNoTimezone, dateYearMonth.
import { DateTime } from 'luxon';
import {
  type Decoded,
  type FieldType,
  type Json,
  type Operand,
  type OperandEnv,
  Problem,
  type ValueEnv,
} from '../field-type.ts';
import { Bounds, emptiness, equality, operandText, ordered, type ParseOperand } from '../operators.ts';
import { invalid, wrongStructure } from '../problems.ts';
import { endOf, isWritable, readEpoch, readMoment, type Written } from './calendar.ts';
import { type Keyword, keywordOnWall, readKeyword } from './keywords.ts';
import { type DatePattern, type PatternPart, readDatePattern } from './patterns.ts';
import { wallClock } from './zones.ts';

export interface DateOptions {
  readonly pattern: DatePattern;
}

export const DATE_SUPPORTS = {
  many: true,
  default: true,
  unique: false,
  required: true,
  indexable: true,
  sensitive: true,
  calculated: true,
  aggregatable: false,
} as const;

/** Members that are alike in all date types, whatever they store. */
export const dateValue = {
  supports: DATE_SUPPORTS,
  automatic: false,
  lifecycle: null,
  textLike: false,
  emptyNative: null,
  check: (): null => null,
  isEmpty: (): boolean => false,
  order: { sort: '', group: '', minMax: true, firstLast: true },
  uniqueKey: null,
  indexSuffixes: [''],
  indexKind: 1,
} as const;

/** Members of the types that store the very text they send. */
export const dateText = {
  ...dateValue,
  encode: (value: string): Json => value,
  toCsv: (value: string): string => value,
  equal: (a: string, b: string): boolean => a === b,
} as const;

/** E N 0 C; texts of dates have no case, so they compare exactly in metadata too. */
export const dateOperators = <O>(parse: ParseOperand<O>) => ({
  ...equality(parse, { foldCase: 'never' }),
  ...emptiness<O>(),
  ...ordered(parse),
});

/** The sent text or number; null for empty input; a Problem for what is neither. */
export function scalarInput(input: Json, message: string): string | number | null | Problem {
  if (input === null || (typeof input === 'string' && input.trim() === '')) return null;
  if (typeof input === 'object') return wrongStructure(input);
  return typeof input === 'boolean' ? invalid(message, input) : input;
}

interface WallTextSpec {
  readonly name: string;
  /** Refusal of spec field-types §2.5. */
  readonly message: string;
  /** The stored text of a wall clock. */
  readonly text: (wall: DateTime) => string;
  /** Coarsest text that names a value; coarser ones are ranges, in filters only. */
  readonly coarsest: 'month' | 'day';
  /** A text with an offset names an instant, which the acting zone shows; else the offset is ignored. */
  readonly zoned: boolean;
  readonly keywords: (keyword: Keyword) => boolean;
  readonly format: string;
  readonly parts: readonly PatternPart[];
  readonly schema: { readonly [key: string]: unknown };
}

/** Makes a type that stores the text of a wall clock. */
export function wallTextType(spec: WallTextSpec): FieldType<DateOptions, string> {
  const store = (wall: DateTime, rejected: unknown): string | Problem =>
    isWritable(wall) ? spec.text(wall) : invalid(spec.message, rejected);
  const wallOf = ({ wall, offset }: Written, zone: string): DateTime =>
    spec.zoned && offset !== null ? wallClock(wall.toMillis() - offset, zone) : wall;
  const decode = (input: Json, env: ValueEnv): Decoded<string> => {
    const sent = scalarInput(input, spec.message);
    if (sent === null || sent instanceof Problem) return sent;
    const epoch = typeof sent === 'number' ? sent : readEpoch(sent);
    if (epoch !== null) return store(Number.isInteger(epoch) ? wallClock(epoch, env.zone) : NO_WALL, input);
    const written = readMoment(String(sent));
    const isCoarse = written?.precision === 'month' && spec.coarsest === 'day';
    return written && !isCoarse ? store(wallOf(written, env.zone), input) : invalid(spec.message, input);
  };
  const bounds = (from: DateTime, to: DateTime): unknown => {
    if (!isWritable(from) || !isWritable(to)) return new Problem('badRequest', spec.message);
    const [first, last] = [spec.text(from), spec.text(to)];
    return first === last ? first : new Bounds(first, last);
  };
  const parse = (operand: Operand, _field: unknown, env: OperandEnv): unknown => {
    const text = typeof operand.value === 'string' ? operandText(operand) : null;
    if (typeof text !== 'string') return decode(operand.value, env);
    const keyword = operand.quoted ? null : readKeyword(text);
    if (keyword && spec.keywords(keyword)) return bounds(...keywordOnWall(keyword, wallClock(env.now, env.zone)));
    const written = readMoment(text);
    if (!written) return decode(text, env);
    const wall = wallOf(written, env.zone);
    return bounds(wall, endOf({ ...written, wall }));
  };
  return {
    ...dateText,
    name: spec.name,
    options: (reader) => ({ pattern: readDatePattern(reader, spec.format, spec.parts) }),
    decode: (input, _field, env) => decode(input, env),
    fromCsv: (cell, _field, env) => decode(cell, env),
    plainText: (value, { options }, env) => {
      const wall = readMoment(value)?.wall;
      return wall ? options.pattern({ wall, offset: null }, env.language) : value;
    },
    operators: dateOperators(parse),
    schema: () => spec.schema,
  };
}

const NO_WALL = DateTime.invalid('not a whole number of milliseconds');
