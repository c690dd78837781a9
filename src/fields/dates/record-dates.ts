// `dateRecordCreated` and `dateRecordModified`: instants that the write path sets (spec field-types §4.25, §4.26).
import { ObjectId } from 'mongodb';
import { ALL, and, NONE, not, or, type Predicate } from '../../query/predicate.ts';
import { type FieldType, type OperatorCompiler, type OperatorName, Problem } from '../field-type.ts';
import { dateTime } from './date-time.ts';
import type { DateOptions } from './date-value.ts';

type Compile = OperatorCompiler<DateOptions>;
type Range = Extract<Predicate, { kind: 'range' }>;

const MAX_SECOND = 0xffff_ffff;

/** Records stored before the field existed answer with the second in which their id was made. */
function withFallback(compile: Compile): Compile {
  return (operands, field, path, env) => {
    const test = compile(operands, field, path, env);
    // only of the record itself is `_id` the id: not of a nested element, nor of the source of a copy
    const isOwn = field.parent === null && path === field.storagePath;
    return isOwn && !(test instanceof Problem) ? orById(test, path) : test;
  };
}

function orById(test: Predicate, path: string): Predicate {
  const orId = (onId: Predicate): Predicate => or([test, and([{ kind: 'empty', path }, onId])]);
  if (test.kind === 'not') return not(orById(test.of, path));
  if (test.kind === 'or') return or(test.of.map((member) => orById(member, path)));
  if (test.kind === 'in') return orId(or(test.values.map((value) => idRange({ gte: value, lte: value }))));
  if (test.kind === 'range') return orId(idRange(test));
  // with the fallback, no record is without a value
  return test.kind === 'empty' ? NONE : test;
}

function idRange({ gt, gte, lt, lte }: Omit<Range, 'kind' | 'path'>): Predicate {
  const second = (value: unknown): number => (value as Date).getTime() / 1000;
  const first = Math.max(
    0,
    gt === undefined ? 0 : Math.floor(second(gt)) + 1,
    gte === undefined ? 0 : Math.ceil(second(gte)),
  );
  const end = Math.min(
    MAX_SECOND + 1,
    lt === undefined ? MAX_SECOND + 1 : Math.ceil(second(lt)),
    lte === undefined ? MAX_SECOND + 1 : Math.floor(second(lte)) + 1,
  );
  if (first >= end) return NONE;
  const from: Predicate = { kind: 'range', path: '_id', gte: ObjectId.createFromTime(first) };
  const to: Predicate = { kind: 'range', path: '_id', lt: ObjectId.createFromTime(end) };
  return and([first === 0 ? ALL : from, end > MAX_SECOND ? ALL : to]);
}

const operators = Object.fromEntries(
  Object.entries(dateTime.operators).map(([name, compile]) => [name, withFallback(compile)]),
) as { readonly [name in OperatorName]?: Compile };

function recordDate(name: string, lifecycle: 'created' | 'modified'): FieldType<DateOptions, Date> {
  return {
    ...dateTime,
    name,
    supports: {
      many: false,
      default: false,
      unique: false,
      required: false,
      indexable: true,
      sensitive: true,
      calculated: false,
      aggregatable: false,
    },
    automatic: true,
    lifecycle,
    absent: ({ _id }) => _id.getTimestamp(),
    operators,
    schema: (field) => ({ ...dateTime.schema(field), readOnly: true }),
  };
}

export const dateRecordCreated = recordDate('dateRecordCreated', 'created');
export const dateRecordModified = recordDate('dateRecordModified', 'modified');
