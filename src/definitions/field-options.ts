// Second step for fields: type rules and display options, with all their references, checked by the field's type.
import type { OptionReader } from '../fields/field-type.ts';
import { isUserAlias } from '../fields/index.ts';
import { type Compilation, type EntityDraft, entityAt, type FieldDraft, hookAt, namedKey } from './compilation.ts';
import { compileCondition } from './conditions.ts';
import type { Declared, DeclaredField } from './declared.ts';
import { NEVER } from './field-drafts.ts';
import type { TypeRules } from './field-schema.ts';
import type { Condition } from './model.ts';
import { at, type Place, parseKey } from './place.ts';

/** What later steps need to know of a field's rules. */
export interface FieldRules {
  readonly rules: Declared<TypeRules>;
  /** Set when the type says that the field points to records of this entity. */
  readonly target: EntityDraft | null;
  /** The condition that the type has on records of the target. */
  readonly targetCondition: Condition | null;
}

/** Fills `options` and `display` of a field. */
export function compileOptions(
  c: Compilation,
  entity: EntityDraft,
  field: FieldDraft,
  declared: DeclaredField,
): FieldRules {
  const rules = effectiveRules(c, entity, field, declared);
  let target: EntityDraft | null = null;
  let targetCondition: Condition | null = null;
  const placeOf = (key: string): Place => {
    const [first, ...rest] = parseKey(key);
    return first === 'typeRules'
      ? at(rules.place, ...rest)
      : at(declared.place, ...(first === undefined ? [] : [first, ...rest]));
  };
  const reader: OptionReader = {
    rules: rules.content,
    display: effectiveDisplay(c, entity, field, declared),
    error: (key, message) => c.problems.error(placeOf(key), message),
    warn: (key, message) => c.problems.warn(placeOf(key), message),
    entityRef: (key, name) => {
      target = targetAt(c, name, placeOf(key));
    },
    condition: (key, value, targetName) => {
      const other = targetName === undefined ? undefined : c.entities.get(targetName);
      const place = placeOf(key);
      if (targetName !== undefined) {
        // Without a target there is nothing to filter: what is missing has been reported.
        if (!other) return NEVER;
        const where = { target: other, source: entity, scope: rules.scope, place, database: true };
        targetCondition = compileCondition(c, value, where);
        return targetCondition;
      }
      const condition = compileCondition(c, value, { target: entity, source: null, scope: rules.scope, place });
      if (condition.kind === 'hook') entity.usesHooks = true;
      return condition;
    },
    hook: (key, value) => {
      entity.usesHooks = true;
      return hookAt(c, value, rules.scope, placeOf(key));
    },
  };
  field.options = field.type.options(reader);
  field.display = Object.freeze({ ...reader.display });
  return { rules, target, targetCondition };
}

/** The target of a relationship: an entity that has records (spec entity-model §2.15). */
function targetAt(c: Compilation, name: string, place: Place): EntityDraft | null {
  const target = entityAt(c, name, place);
  if (target?.model.abstract) c.problems.error(place, `entity ${name} is abstract: it has no records to point to`);
  return target;
}

const TYPES = 'types/';
const FIELDS = 'fields/';

/** The rules map after `types/…` and `fields/…` are followed, at the place where it stands. */
function effectiveRules(
  c: Compilation,
  entity: EntityDraft,
  field: FieldDraft,
  declared: DeclaredField,
): Declared<TypeRules> {
  const rules = follow(c, entity, field, declared, 'typeRules', new Set()) as Declared<TypeRules>;
  if (!isUserAlias(declared.content.type ?? '')) return rules;
  return { ...rules, content: { ...rules.content, entity: USERS } };
}

/** Type `user` is a relationship to this entity (spec field-types §1). */
const USERS = 'sys.users';

/** App-wide defaults of the type, overlaid by the field's own options (spec field-types §2.2). */
function effectiveDisplay(
  c: Compilation,
  entity: EntityDraft,
  field: FieldDraft,
  declared: DeclaredField,
): Readonly<Record<string, unknown>> {
  const own = follow(c, entity, field, declared, 'uiOptions', new Set());
  return { ...c.named.defaults.get(field.type.name), ...own.content };
}

function follow(
  c: Compilation,
  entity: EntityDraft,
  field: FieldDraft,
  declared: DeclaredField,
  key: 'typeRules' | 'uiOptions',
  visited: Set<DeclaredField>,
): Declared<Readonly<Record<string, unknown>>> {
  const value = declared.content[key];
  const here = { place: at(declared.place, key), scope: declared.scope };
  if (typeof value !== 'string') return { ...here, content: value ?? {} };
  visited.add(declared);
  if (value.startsWith(TYPES)) {
    const name = value.slice(TYPES.length);
    const named = (key === 'typeRules' ? c.named.rules : c.named.display).get(namedKey(field.type.name, name));
    if (named) return { content: named.content.rules ?? {}, place: at(named.place, 'rules'), scope: declared.scope };
    c.problems.error(here.place, `there are no ${NAMED[key]} ${name} for type ${field.type.name}`);
    return { ...here, content: {} };
  }
  const path = value.slice(FIELDS.length);
  const other = declaredAt(entity.declared.fields, path.split('.'));
  if (other && !visited.has(other)) return follow(c, entity, field, other, key, visited);
  c.problems.error(
    here.place,
    other ? `${value} leads back to this field` : `field ${path} is not defined in entity ${entity.model.name}`,
  );
  return { ...here, content: {} };
}

const NAMED = { typeRules: 'type rules', uiOptions: 'display options' } as const;

function declaredAt(fields: readonly DeclaredField[], path: readonly string[]): DeclaredField | undefined {
  const [name, ...rest] = path;
  const field = fields.find((candidate) => candidate.content.name === name);
  return field && rest.length > 0 ? declaredAt(field.inner, rest) : field;
}
