// What a field, nested field or parameter may say (spec entity-model §1.2, §1.3).
import { type Static, Type } from 'typebox';
import { fieldTypes } from '../fields/index.ts';
import { anyMap, condition, type conditionValue, count, flag, hook, list, map, NAME, oneOf, text } from './schema.ts';

const choiceOption = map({
  name: Type.String({ description: 'What is stored and what every API uses' }),
  label: text('What people read; the name when absent'),
  color: text('Theme colour: default, success, danger, warning, grey, info, primary …'),
  condition: condition('When the option may be chosen; always when absent'),
});

const yesNo = (description: string) =>
  Type.Optional(
    Type.Union([Type.Boolean(), Type.Enum(['yes', 'no'])], { description, expected: 'true, false, yes or no' }),
  );

const bound = (description: string) =>
  Type.Optional(Type.Union([Type.Number(), Type.String()], { description, expected: 'a number' }));

/** Rules of all types together; each type reads its own and reports what it can't use. */
export const typeRules = map({
  possibleValues: list(choiceOption, 'choice: the options', { aliases: ['values', 'choices'] }),
  entity: text('relationship: full name of the entity it points to', { aliases: ['targetEntity'] }),
  filteringRules: Type.Optional(
    map(
      { filters: anyMap('Filter map over the target; $currentRecord is the record being saved') },
      {
        description: 'relationship: which records may be chosen',
      },
    ),
  ),
  copiedFields: list(Type.String(), 'relationship: paths of the target kept in the reference'),
  deletePolicy: Type.Optional(
    oneOf(['none', 'removeRelationship', 'deleteRecord'], {
      description: 'relationship: what happens here when the target is deleted',
    }),
  ),
  labelUpdatePolicy: yesNo('relationship: follow changes of the target label (default yes)'),
  copiedFieldsUpdatePolicy: yesNo('relationship: follow changes of copied fields (default yes)'),
  label: text('nestedFields: none, fields/<inner path> or js/<function>', { aliases: ['nestedFieldLabel'] }),
  minLength: count('Texts: fewest characters', { aliases: ['minimumLength'] }),
  maxLength: count('Texts: most characters', { aliases: ['maximumLength'] }),
  exactLength: count('Texts: exact number of characters'),
  regularExpression: Type.Optional(
    Type.Union(
      [Type.String(), map({ expression: Type.String(), hint: text('Message'), caseInsensitive: flag('Ignore case') })],
      {
        description: 'text, qr: pattern that the whole value must match',
        expected: 'a pattern or {expression, hint, caseInsensitive}',
      },
    ),
  ),
  regularExpressionHint: text('text, qr: message when the pattern does not match'),
  caseInsensitive: flag('text, qr: the pattern ignores the case of plain letters'),
  international: flag('phone: any country'),
  defaultInternationalPrefix: Type.Optional(
    Type.Union([Type.String(), Type.Number()], {
      description: 'phone: prefix for numbers without one',
      expected: 'digits',
    }),
  ),
  mask: text('maskedText: 9 digit, a letter, w either; all else is fixed text'),
  minValue: bound('Numbers: smallest value; autoIncrement: first value'),
  maxValue: bound('Numbers: largest value'),
  numberOfDecimals: count('Decimal numbers: how many decimals are kept', { maximum: 4 }),
  decimalLimitRuleType: Type.Optional(
    oneOf(['round', 'truncate', 'error', 'throwError'], { description: 'What happens to further decimals' }),
  ),
  groups: list(Type.String(), 'group: names of the groups that may be chosen'),
});

/** A calculated value that counts or adds up records of another entity (spec entity-model §2.11). */
export const aggregate = map({
  type: Type.Optional(oneOf(['aggregate'])),
  entity: Type.String({ description: 'Full name of the entity whose records are counted' }),
  filters: anyMap('Which records; $currentRecord is the record with this field'),
  operation: oneOf(['count', 'sum', 'avg']),
  field: text('What is added up; not for count'),
});

const fieldKeys = {
  name: Type.String({
    description: 'Letters, digits and _; a letter first',
    pattern: NAME.source,
    expected: 'letters, digits and _, with a letter first',
  }),
  label: text('What people read; the name when absent'),
  type: Type.Optional(
    Type.String({
      description: 'Field type: text, choice, integer, relationship, nestedFields …',
      examples: [...fieldTypes.keys()],
    }),
  ),
  multiplicity: Type.Optional(oneOf(['one', 'many'], { description: 'many: a list of values' })),
  system: flag('Owned by the platform; no effect'),
  unique: flag('No two records have the same value'),
  indexable: flag('Keep a database index'),
  transient: flag('Never stored'),
  sensitiveData: flag('Encrypted in the database, masked in logs', { aliases: ['sensitive'] }),
  syncAccess: flag('Write access follows read access (default true)'),
  readAccess: condition('When the field can be read'),
  writeAccess: condition('When the field can be written'),
  readWriteAccess: condition('Both', { movedTo: [['readAccess'], ['writeAccess']] }),
  required: condition('When a value is needed; never when absent'),
  defaultValue: Type.Optional(Type.Unknown({ description: 'A value as REST takes it, $currentDate or js/<function>' })),
  valueCalculation: Type.Optional(
    Type.Union([Type.String({ pattern: '^js/.' }), aggregate], {
      description: 'Makes the field calculated and read-only',
      expected: 'js/<function> or an aggregate map',
      aliases: ['calculation'],
    }),
  ),
  validation: hook('Checks each value', { aliases: ['validations', 'customValidations'] }),
  typeRules: Type.Optional(
    Type.Union([Type.String({ pattern: '^(types|fields)/.' }), typeRules], {
      description: 'Rules of the type, or those of a named rule or another field',
      expected: 'a map, types/<name> or fields/<path>',
    }),
  ),
  uiOptions: Type.Optional(
    Type.Union([Type.String({ pattern: '^(types|fields)/.' }), Type.Record(Type.String(), Type.Unknown())], {
      description: 'How values are shown',
      expected: 'a map, types/<name> or fields/<path>',
    }),
  ),
  nestedFields: list(Type.Ref('#/$defs/field'), 'nestedFields: the inner fields', { aliases: ['fields'] }),
  targetEntity: text('Older place of typeRules.entity', { movedTo: [['typeRules', 'entity']] }),
  filter: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), {
      description: 'Older place of typeRules.filteringRules.filters',
      movedTo: [['typeRules', 'filteringRules', 'filters']],
    }),
  ),
  choices: list(choiceOption, 'Older place of typeRules.possibleValues', {
    movedTo: [['typeRules', 'possibleValues']],
  }),
  minimumLength: count('Older place of typeRules.minLength', { movedTo: [['typeRules', 'minLength']] }),
  maximumLength: count('Older place of typeRules.maxLength', { movedTo: [['typeRules', 'maxLength']] }),
};

export const field = map(fieldKeys);

export const parameter = map({
  ...fieldKeys,
  parameterType: Type.Optional(
    oneOf(['parameter', 'linked', 'entityField'], { description: 'linked: a value of the record, merged into it' }),
  ),
  field: text('linked, entityField: path of the field; the name when absent'),
});

/** Shared parts that schemas of files refer to. */
export const fieldDefs = { field, parameter };

export type TypeRules = Static<typeof typeRules>;
export type AggregateFile = Static<typeof aggregate>;
type MovedKeys = 'readWriteAccess' | 'targetEntity' | 'filter' | 'choices' | 'minimumLength' | 'maximumLength';

/** A field as its file says it, with all keys in their canonical spelling and place. */
export type FieldFile = Omit<Static<typeof field>, MovedKeys | 'nestedFields' | 'typeRules'> & {
  readonly typeRules?: string | TypeRules;
  readonly nestedFields?: readonly FieldFile[];
};
export type ParameterFile = FieldFile & Pick<Static<typeof parameter>, 'parameterType' | 'field'>;
export type ConditionFile = Static<ReturnType<typeof conditionValue>>;
