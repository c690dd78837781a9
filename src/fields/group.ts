// `group`: a reference to one of the groups that the definitions declare (spec field-types §4.28).
import { ObjectId } from 'mongodb';
import {
  type Decoded,
  type FieldType,
  type GroupDirectory,
  type GroupRef,
  type Json,
  type Operand,
  type OperandEnv,
  type OperatorCompiler,
  type OptionReader,
  Problem,
} from './field-type.ts';
import { emptiness, like, negate, operandText } from './operators.ts';
import { invalid, wrongStructure } from './problems.ts';
import { each, firstGiven, idEquality, isBlank, isObject, type JsonObject } from './references.ts';

/** A group as it is stored; name and label of the definitions win over the stored label. */
export interface StoredGroupRef {
  readonly _id: ObjectId;
  readonly label: string;
  readonly __label_lower_case__: string;
}

export interface GroupOptions {
  /** Names of the allowed groups; null: all. */
  readonly allowed: ReadonlySet<string> | null;
}

type Key = 'id' | 'name' | 'label';

const KEYS: readonly Key[] = ['id', 'name', 'label'];

/** The stored form of a group. */
export function storeGroup(group: GroupRef): StoredGroupRef {
  return { _id: new ObjectId(group.id), label: group.label, __label_lower_case__: group.label.toLowerCase() };
}

/** Groups that a text names: by id, else by name, else by label. */
function findGroups(text: string, groups: GroupDirectory, ignoreCase: boolean): readonly GroupRef[] {
  for (const key of KEYS) {
    const found = groupsBy(key, text, groups, ignoreCase);
    if (found.length > 0) return found;
  }
  return [];
}

function groupsBy(key: Key, text: string, groups: GroupDirectory, ignoreCase: boolean): readonly GroupRef[] {
  const exact = key === 'id' ? groups.byId(text.toLowerCase()) : key === 'name' ? groups.byName(text) : undefined;
  if (exact) return [exact];
  if (key === 'id' || (key === 'name' && !ignoreCase)) return [];
  const fold = (value: string): string => (ignoreCase ? value.toLowerCase() : value);
  return groups.all.filter((group) => fold(group[key]) === fold(text));
}

function decode(input: Json, groups: GroupDirectory, order: readonly Key[]): Decoded<StoredGroupRef> {
  if (isBlank(input)) return null;
  const found = isObject(input) ? givenGroups(input, groups) : bareGroups(input, groups, order);
  if (found === null || found instanceof Problem) return found;
  const [group] = found;
  if (!group) return new Problem('notFound', 'Group not found', input);
  return found.length > 1 ? invalid('More than one record matches', input) : storeGroup(group);
}

function givenGroups(input: JsonObject, groups: GroupDirectory): readonly GroupRef[] | Problem | null {
  const [key, value] = firstGiven(input, KEYS) ?? [];
  if (key && typeof value === 'string') return groupsBy(key as Key, value, groups, false);
  return key === undefined && Object.values(input).every(isBlank) ? null : wrongStructure(input);
}

function bareGroups(input: Json, groups: GroupDirectory, order: readonly Key[]): readonly GroupRef[] | Problem {
  if (typeof input !== 'string') return new Problem('invalidStructure', 'Field must be an object', input);
  for (const key of order) {
    const found = groupsBy(key, input, groups, false);
    if (found.length > 0) return found;
  }
  return [];
}

function options(reader: OptionReader): GroupOptions {
  const value = reader.rules.groups ?? null;
  if (value === null) return { allowed: null };
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return { allowed: new Set(value) };
  reader.error('typeRules.groups', 'must be a list of group names');
  return { allowed: null };
}

const labelOf = (value: StoredGroupRef, groups: GroupDirectory): string =>
  groups.byId(String(value._id))?.label ?? value.label;

/** Compares ids, since names and labels may change with the definitions; a text that names no group equals none. */
function named(find: (text: string, env: OperandEnv) => readonly GroupRef[]): OperatorCompiler<GroupOptions> {
  const { equals } = idEquality<GroupOptions>();
  return (operands, field, path, env) => {
    const ids = operands.flatMap(each).flatMap((operand): readonly Operand[] => {
      const text = operandText(given(operand));
      if (isBlank(operand.value) || text instanceof Problem) return [given(operand)];
      const found = find(text, env).map(({ id }) => ({ value: id, quoted: true }));
      return found.length > 0 ? found : [{ value: text, quoted: true }];
    });
    return equals(ids, field, path, env);
  };
}

/** Operands of query maps may be objects as they are read. */
function given(operand: Operand): Operand {
  const [, value] = (isObject(operand.value) && firstGiven(operand.value, KEYS)) || [null, operand.value];
  return { value, quoted: operand.quoted };
}

const byKey = (key: Key): OperatorCompiler<GroupOptions> =>
  named((text, { groups, ignoreCase }) => groupsBy(key, text, groups, ignoreCase));

const equals = named((text, { groups, ignoreCase }) => findGroups(text, groups, ignoreCase));
const equalsName = byKey('name');
const equalsLabel = byKey('label');

export const group: FieldType<GroupOptions, StoredGroupRef> = {
  name: 'group',
  supports: {
    many: true,
    default: true,
    unique: true,
    required: true,
    indexable: true,
    sensitive: true,
    calculated: true,
    aggregatable: false,
  },
  automatic: false,
  lifecycle: null,
  textLike: false,
  emptyNative: null,
  options,
  decode: (input, _field, { groups }) => decode(input, groups, KEYS),
  fromCsv: (cell, _field, { groups }) => decode(cell.trim(), groups, ['name', 'label', 'id']),
  check: (value, { options }, { groups }) => {
    const found = groups.byId(String(value._id));
    if (!found) return new Problem('notFound', 'Group not found', String(value._id));
    return options.allowed && !options.allowed.has(found.name) ? invalid('Not a valid group', found.name) : null;
  },
  encode: (value, _field, { groups }) => ({ id: String(value._id), label: labelOf(value, groups) }),
  plainText: (value, _field, { groups }) => labelOf(value, groups),
  toCsv: (value, _field, { groups }) => labelOf(value, groups),
  equal: (a, b) => a._id.equals(b._id),
  isEmpty: () => false,
  operators: { equals, notEquals: negate(equals), ...like({ suffixes: ['.label'] }), ...emptiness() },
  subPaths: {
    id: { ...idEquality(), ...emptiness() },
    name: { equals: equalsName, notEquals: negate(equalsName), ...emptiness() },
    label: { equals: equalsLabel, notEquals: negate(equalsLabel), ...like({ suffixes: ['.label'] }), ...emptiness() },
  },
  order: { sort: '.__label_lower_case__', group: '._id', minMax: false, firstLast: true },
  uniqueKey: { of: (value) => value._id, suffix: '._id' },
  indexSuffixes: ['._id'],
  indexKind: 1,
  schema: () => ({
    type: 'object',
    properties: { id: { type: 'string', pattern: '^[0-9a-f]{24}$' }, label: { type: 'string' } },
  }),
  inputSchema: () => ({
    anyOf: [
      { type: 'string', description: 'Id, name or label' },
      {
        type: 'object',
        description: 'By `id`, else by `name`, else by `label`',
        properties: { id: { type: 'string' }, name: { type: 'string' }, label: { type: 'string' } },
      },
    ],
  }),
};
