// `choice`: one of the options that the definition lists (spec field-types §4.10).
import type { Condition } from '../definitions/model.ts';
import type { Decoded, FieldType, Json, OptionReader } from './field-type.ts';
import { emptiness, equality } from './operators.ts';
import { invalid } from './problems.ts';
import { decodeString, parseText, stringValue, TEXT_SUPPORTS } from './string-value.ts';

export interface ChoiceOption {
  readonly name: string;
  readonly label: string;
  /** Must hold when the option is written. */
  readonly condition: Condition;
}

export interface ChoiceOptions {
  readonly possibleValues: readonly ChoiceOption[];
  readonly byName: ReadonlyMap<string, ChoiceOption>;
  readonly byLowerName: ReadonlyMap<string, ChoiceOption>;
  readonly byLowerLabel: ReadonlyMap<string, ChoiceOption>;
}

const KEY = 'typeRules.possibleValues';

function readOptions(reader: OptionReader): ChoiceOptions {
  const written = reader.rules.possibleValues ?? reader.rules.values ?? [];
  if (!Array.isArray(written)) reader.error(KEY, 'must be a list');
  const list: readonly unknown[] = Array.isArray(written) ? written : [];
  if (Array.isArray(written) && list.length === 0) reader.warn(KEY, 'is empty: the field can hold no value');
  const possibleValues = list.flatMap((item, index) => readOption(reader, item, `${KEY}[${index}]`) ?? []);
  const byName = new Map<string, ChoiceOption>();
  for (const option of possibleValues) {
    if (byName.has(option.name)) reader.error(KEY, `has two options with the name "${option.name}"`);
    byName.set(option.name, option);
  }
  // where two differ in case only, the first one answers to the other cases
  const first = possibleValues.toReversed();
  return {
    possibleValues,
    byName,
    byLowerName: new Map(first.map((option) => [option.name.toLowerCase(), option])),
    byLowerLabel: new Map(first.map((option) => [option.label.toLowerCase(), option])),
  };
}

function readOption(reader: OptionReader, item: unknown, key: string): ChoiceOption | null {
  const option: Readonly<Record<string, unknown>> =
    typeof item === 'object' && item !== null ? { ...item } : { name: item };
  const name = typeof option.name === 'number' || typeof option.name === 'boolean' ? String(option.name) : option.name;
  if (typeof name !== 'string' || name.trim() === '') {
    reader.error(`${key}.name`, 'is missing');
    return null;
  }
  const label = typeof option.label === 'string' && option.label !== '' ? option.label : name;
  const { condition } = option;
  if (condition === undefined || condition === null) return { name, label, condition: { kind: 'always' } };
  return { name, label, condition: reader.condition(`${key}.condition`, condition) };
}

/** The option that a name means: exact, else in any case. */
function optionNamed(name: string, { byName, byLowerName }: ChoiceOptions): ChoiceOption | undefined {
  return byName.get(name) ?? byLowerName.get(name.toLowerCase());
}

function decode(input: Json, options: ChoiceOptions, stored: string | null): Decoded<string> {
  const text = decodeString(input);
  if (text === null || typeof text !== 'string') return text;
  // a value that is no option any more may stay as long as it is not changed
  if (text === stored) return text;
  return optionNamed(text, options)?.name ?? invalid('Not a valid choice', input);
}

function fromCsv(cell: string, options: ChoiceOptions): Decoded<string> {
  const name = decode(cell, options, null);
  return typeof name === 'string' || name === null
    ? name
    : (options.byLowerLabel.get(cell.toLowerCase())?.name ?? name);
}

/** Names with their labels, where these say more. */
function labelled({ possibleValues }: ChoiceOptions): { readonly description?: string } {
  const named = possibleValues.filter(({ name, label }) => label.toLowerCase() !== name.toLowerCase());
  return named.length > 0 ? { description: named.map(({ name, label }) => `\`${name}\`: ${label}`).join(', ') } : {};
}

/** Names that are no option find records that still hold them, or nothing. */
const parse: Parameters<typeof equality<ChoiceOptions>>[0] = (operand, { options }) =>
  parseText((text) => optionNamed(text, options)?.name ?? text)(operand);

export const choice: FieldType<ChoiceOptions, string> = {
  ...stringValue,
  name: 'choice',
  supports: { ...TEXT_SUPPORTS, unique: false },
  textLike: false,
  options: readOptions,
  decode: (input, { options }, _env, stored) => decode(input, options, stored),
  fromCsv: (cell, { options }) => fromCsv(cell, options),
  check: () => null,
  conditionOf: (value, { options }) => options.byName.get(value)?.condition ?? null,
  plainText: (value, { options }) => options.byName.get(value)?.label ?? value,
  operators: { ...equality(parse, { foldCase: 'never' }), ...emptiness<ChoiceOptions>() },
  uniqueKey: null,
  // values of former options stay readable, so there is no `enum`
  schema: ({ options }) => ({
    type: 'string',
    ...labelled(options),
    examples: options.possibleValues.map(({ name }) => name),
  }),
  inputSchema: ({ options }) => ({
    type: 'string',
    ...labelled(options),
    ...(options.byName.size > 0 && { enum: [...options.byName.keys()] }),
  }),
};
