// Query parameters of lists: one for every path that can be filtered, and those that shape the answer.
import type { EntityAccess } from '../../context.ts';
import type { EntityModel, Field } from '../../definitions/model.ts';
import type { FieldType, Json } from '../../fields/field-type.ts';
import { isSystemField, SYSTEM_FIELDS } from '../../query/system-fields.ts';
import type { Components, Part } from './components.ts';
import { EXAMPLE_ID, exampleOfSchema } from './examples.ts';
import { canSee } from './schemas.ts';

type Operators = FieldType['operators'];

interface Filterable {
  readonly path: string;
  readonly label: string;
  readonly field: Field;
  readonly operators: Operators;
}

/** Sensitive values are compared by their hash, which knows only equality. */
const SEALED_OPERATORS = ['equals', 'notEquals', 'empty', 'notEmpty'] as const;

/** References to one parameter for every path of the entity that the reader may filter by. */
export function filterParameters(entity: EntityModel, access: EntityAccess, components: Components): Part[] {
  return filterables(entity, access).map((filterable) =>
    components.use('parameters', `${entity.name}.${filterable.path}`, () => filterParameter(filterable)),
  );
}

function filterParameter({ path, label, field, operators }: Filterable): Part {
  const names = Object.keys(operators).filter((name) => name !== 'equals');
  const plain = operators.equals ? 'A value, or several separated by commas: any of them. ' : '';
  const description = `${label}. ${plain}Operators: ${names.map((name) => `\`${name}(…)\``).join(', ')}.`;
  return {
    name: path,
    in: 'query',
    description,
    schema: { type: 'string' },
    example: operandOf(field, path, operators),
  };
}

/** Everything that can be filtered, in the order of the definition. */
function filterables(entity: EntityModel, access: EntityAccess): Filterable[] {
  return [...SYSTEM_FIELDS.values(), ...entity.fields].flatMap((field) =>
    ofField(field, field.name, field.label, (each) => isSystemField(each) || canSee(access, each)),
  );
}

function ofField(field: Field, path: string, label: string, visible: (field: Field) => boolean): Filterable[] {
  if (!visible(field) || field.transient) return [];
  const { type } = field;
  const operators = field.sensitive ? sealed(type) : type.operators;
  const whole = field.fields.every(visible) && Object.keys(operators).length > 0;
  const parts = field.sensitive ? [] : Object.entries(type.subPaths ?? {});
  return [
    ...(whole ? [{ path, label, field, operators }] : []),
    ...parts.map(([name, of]) => ({ path: `${path}.${name}`, label: `${label}, ${name}`, field, operators: of })),
    ...field.fields.flatMap((inner) => ofField(inner, `${path}.${inner.name}`, `${label}, ${inner.label}`, visible)),
    ...copies(field, path, label),
  ];
}

/** Fields of the target that the reference keeps. */
function copies(field: Field, path: string, label: string): Filterable[] {
  return (field.relationship?.copiedFields ?? []).flatMap((copied) =>
    ofField(copied, `${path}.${copied.path}`, `${label}, ${copied.label}`, () => true),
  );
}

function sealed({ textLike, operators }: FieldType): Operators {
  if (!textLike) return {};
  return Object.fromEntries(SEALED_OPERATORS.flatMap((name) => (operators[name] ? [[name, operators[name]]] : [])));
}

/** A filter that works on the path. */
function operandOf(field: Field, path: string, operators: Operators): string {
  if (path === 'id' || path.endsWith('.id')) return EXAMPLE_ID;
  if (operators.near) return 'near(10.5,12)';
  const value = operators.equals ? exampleOfSchema(field.type.schema(field)) : null;
  if (isScalar(value)) return /[,"()]/.test(String(value)) ? JSON.stringify(String(value)) : String(value);
  return operators.like ? 'like(a)' : 'notEmpty()';
}

const isScalar = (value: Json): boolean => value !== null && typeof value !== 'object';

const SHAPING = {
  _query: ['Filters with `and` and `or`', { type: 'string' }, "or(filter('label','like(a)'),filter('version','0'))"],
  _size: ['Records of one page', { type: 'integer', minimum: 0, default: 20 }, 20],
  _offset: [
    'Where the page begins: `offset` of the page before, or a number of records to skip',
    { type: 'string' },
    '0',
  ],
  _sortField: [
    'Path of the field that the records are sorted by; without it by id, newest first',
    { type: 'string' },
    'label',
  ],
  _sortType: ['Direction of the sort', { type: 'string', enum: ['asc', 'desc'] }, 'asc'],
} as const satisfies Shaping;

const FORM = {
  _fields: [
    'Fields of the answer, separated by commas; `id`, `version` and `label` are always there',
    { type: 'string' },
    'label',
  ],
  _format: ['`plainText` gives texts as people read them', { type: 'string', enum: ['native', 'plainText'] }, 'native'],
  _formatForUser: ['E-mail of the user whose settings `plainText` follows', { type: 'string' }, undefined],
} as const satisfies Shaping;

const RELATED = {
  _relationshipsToFetch: [
    'Relationships, separated by commas, whose whole records the answer holds',
    { type: 'string' },
    undefined,
  ],
} as const satisfies Shaping;

const TEXT_SEARCH = {
  _indexedFilter: ['Name of a text index', { type: 'string' }, undefined],
  _indexedFilterQuery: ['What is searched for in it', { type: 'string' }, undefined],
} as const satisfies Shaping;

type Shaping = Readonly<Record<string, readonly [description: string, schema: Part, example: Json | undefined]>>;

/** Parameters that choose and order records, beside the filters. */
export function pageParameters(entity: EntityModel, components: Components): Part[] {
  const hasText = entity.indexes.some(({ kind }) => kind === 'text');
  return shared({ ...SHAPING, ...(hasText && TEXT_SEARCH) }, components);
}

/** Parameters that say what a record of the answer looks like. */
export function formParameters(entity: EntityModel, access: EntityAccess, components: Components): Part[] {
  const related = entity.fields.some((field) => field.relationship && canSee(access, field));
  return shared({ ...FORM, ...(related && RELATED) }, components);
}

function shared(parameters: Shaping, components: Components): Part[] {
  return Object.entries(parameters).map(([name, [description, schema, example]]) =>
    components.use('parameters', name, () => ({
      name,
      in: 'query',
      description: `${description}.`,
      schema,
      ...(example !== undefined && { example }),
    })),
  );
}
