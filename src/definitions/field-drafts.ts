// First step for fields: names, types, flags and structure. What they refer to is linked later, when all entities have their fields.
import type { FieldType, Supports } from '../fields/field-type.ts';
import { resolveFieldType } from '../fields/index.ts';
import { type Compilation, type EntityDraft, type FieldDraft, GROUP_TYPE } from './compilation.ts';
import type { DeclaredField } from './declared.ts';
import type { FieldFile } from './field-schema.ts';
import type { Condition, Field } from './model.ts';
import { at } from './place.ts';
import { isIncomplete } from './read.ts';

export const ALWAYS: Condition = Object.freeze({ kind: 'always' });
export const NEVER: Condition = Object.freeze({ kind: 'never' });

/** Keys that every record and nested element has of its own (spec entity-model §0.2). */
const RESERVED: ReadonlySet<string> = new Set(['id', 'version', 'label']);

/** Fields of one level, with all levels below; fields that can't exist are reported and left out. */
export function draftFields(
  c: Compilation,
  entity: EntityDraft,
  declared: readonly DeclaredField[],
  parent: Field | null,
): FieldDraft[] {
  const fields: FieldDraft[] = [];
  const names = new Map<string, DeclaredField>();
  for (const item of declared) {
    const { name } = item.content;
    if (names.has(name)) {
      c.problems.error(at(item.place, 'name'), `there is already a field ${name}${whence(names.get(name), item)}`);
      continue;
    }
    names.set(name, item);
    if (RESERVED.has(name))
      c.problems.error(at(item.place, 'name'), `${name} is reserved: every record has one of its own`);
    const field = draftField(c, entity, item, parent);
    if (field) fields.push(field);
    else entity.damaged = true;
  }
  return fields;
}

/** Tells children which parent's field they repeat. */
function whence(first: DeclaredField | undefined, second: DeclaredField): string {
  const file = first?.place.source.file;
  return file === undefined || file === second.place.source.file ? '' : ` in ${file}`;
}

/** One field or parameter; null when it has no usable type. */
export function draftField(
  c: Compilation,
  entity: EntityDraft,
  declared: DeclaredField,
  parent: Field | null,
): FieldDraft | null {
  const { content } = declared;
  const type = typeOf(c, declared);
  if (!type) return null;
  const path = parent ? `${parent.path}.${content.name}` : content.name;
  const flags = readFlags(c, declared, type);
  const field: FieldDraft = {
    name: content.name,
    label: content.label ?? content.name,
    path,
    storagePath: `data.${path}`,
    type,
    options: undefined,
    display: {},
    ...flags,
    insideMany: flags.many || (parent?.insideMany ?? false),
    parent,
    fields: [],
    fieldByName: new Map(),
    labelRule: null,
    required: NEVER,
    readAccess: ALWAYS,
    writeAccess: ALWAYS,
    defaultValue: null,
    calculation: null,
    validation: null,
    relationship: null,
  };
  entity.declaredOf.set(field, declared);
  draftInner(c, entity, declared, field);
  return field;
}

function draftInner(c: Compilation, entity: EntityDraft, declared: DeclaredField, field: FieldDraft): void {
  if (field.type.name !== GROUP_TYPE) {
    if (declared.inner.length > 0) {
      c.problems.warn(
        at(declared.place, 'nestedFields'),
        `type ${field.type.name} has no inner fields; they are ignored`,
      );
    }
    return;
  }
  field.fields = draftFields(c, entity, declared.inner, field);
  field.fieldByName = new Map(field.fields.map((inner) => [inner.name, inner]));
  if (declared.inner.length === 0)
    c.problems.error(declared.place, `nestedFields is missing: a group needs inner fields`);
}

/** Spellings of the vendor's drafts that are no alias of the types themselves. */
const DRAFT_TYPES: Readonly<Record<string, string>> = { nestedField: GROUP_TYPE };

function typeOf(c: Compilation, { content, place }: DeclaredField): FieldType | undefined {
  if (content.type === undefined) {
    if (!isIncomplete(content)) c.problems.error(place, 'type is missing');
    return undefined;
  }
  const type = resolveFieldType(DRAFT_TYPES[content.type] ?? content.type);
  if (!type) c.problems.error(at(place, 'type'), `there is no field type ${content.type}`);
  return type;
}

type Flags = Pick<FieldDraft, 'many' | 'unique' | 'indexable' | 'transient' | 'sensitive'>;

type AbilityKey =
  | 'multiplicity'
  | 'defaultValue'
  | 'unique'
  | 'required'
  | 'indexable'
  | 'sensitiveData'
  | 'valueCalculation';

interface Ability {
  readonly needs: keyof Supports;
  /** Whether the file asks for it. */
  readonly asked: (content: FieldFile) => boolean;
}

/** Keys that ask for an ability which types may lack. */
const ABILITIES: Readonly<Record<AbilityKey, Ability>> = {
  multiplicity: { needs: 'many', asked: (content) => content.multiplicity === 'many' },
  defaultValue: { needs: 'default', asked: (content) => content.defaultValue !== undefined },
  unique: { needs: 'unique', asked: (content) => content.unique === true },
  required: {
    needs: 'required',
    asked: ({ required }) => required !== undefined && required !== 'never' && required !== false,
  },
  indexable: { needs: 'indexable', asked: (content) => content.indexable === true },
  sensitiveData: { needs: 'sensitive', asked: (content) => content.sensitiveData === true },
  valueCalculation: { needs: 'calculated', asked: (content) => content.valueCalculation !== undefined },
};

/** True when the file asks for the ability and the type has it; one it lacks has been warned about (spec entity-model §1.2). */
export function has(content: FieldFile, type: FieldType, key: AbilityKey): boolean {
  const { asked, needs } = ABILITIES[key];
  return asked(content) && type.supports[needs];
}

function readFlags(c: Compilation, { content, place }: DeclaredField, type: FieldType): Flags {
  for (const [key, { asked, needs }] of Object.entries(ABILITIES)) {
    if (asked(content) && !type.supports[needs]) {
      c.problems.warn(at(place, key), `type ${type.name} does not support this; it is ignored`);
    }
  }
  const transient = content.transient === true;
  for (const key of ['unique', 'indexable'] as const) {
    if (transient && has(content, type, key)) {
      c.problems.warn(at(place, key), 'a transient field is never stored; this is ignored');
    }
  }
  return {
    many: has(content, type, 'multiplicity'),
    unique: has(content, type, 'unique') && !transient,
    indexable: has(content, type, 'indexable') && !transient,
    sensitive: has(content, type, 'sensitiveData'),
    transient,
  };
}
