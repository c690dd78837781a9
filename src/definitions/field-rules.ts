// Third step for fields: conditions, default, calculation, validation and label rule of each.
import { type Json, Problem } from '../fields/field-type.ts';
import {
  type Compilation,
  type EntityDraft,
  entityAt,
  type FieldDraft,
  fieldAt,
  hookAt,
  type Mutable,
} from './compilation.ts';
import { compileCondition, compileFilterLater } from './conditions.ts';
import type { DeclaredField } from './declared.ts';
import { ALWAYS, has, NEVER } from './field-drafts.ts';
import type { FieldRules } from './field-options.ts';
import type { AggregateFile, ConditionFile } from './field-schema.ts';
import { isHookRef } from './hook-refs.ts';
import type { Condition, DefaultValue, Field, LabelRule, ValueCalculation } from './model.ts';
import { at } from './place.ts';

/** Fills everything of a field that stands beside its type rules. */
export function compileFieldRules(
  c: Compilation,
  entity: EntityDraft,
  field: FieldDraft,
  declared: DeclaredField,
  { rules }: FieldRules,
): void {
  const { content, place, scope } = declared;
  const condition = (key: 'required' | 'readAccess' | 'writeAccess', fallback: Condition): Condition => {
    const value: ConditionFile | undefined = content[key];
    if (value === undefined) return fallback;
    const compiled = compileCondition(c, value, { target: entity, source: null, scope, place: at(place, key) });
    if (compiled.kind === 'hook') entity.usesHooks = true;
    return compiled;
  };
  field.required = has(content, field.type, 'required') ? condition('required', NEVER) : NEVER;
  field.readAccess = condition('readAccess', ALWAYS);
  // Write follows read unless it says otherwise (spec entity-model §2.9).
  field.writeAccess = condition('writeAccess', content.syncAccess === false ? ALWAYS : field.readAccess);
  if (has(content, field.type, 'defaultValue')) field.defaultValue = compileDefault(c, entity, field, declared);
  if (has(content, field.type, 'valueCalculation')) field.calculation = compileCalculation(c, entity, field, declared);
  if (content.validation !== undefined) {
    entity.usesHooks = true;
    field.validation = hookAt(c, content.validation, scope, at(place, 'validation'));
  }
  if (field.fields.length > 0) field.labelRule = compileNestedLabel(c, entity, field, rules);
}

/** Spellings of "now" in exports and drafts (spec entity-model §0.3). */
const CURRENT_DATE: ReadonlySet<unknown> = new Set(['$currentDate', '__current_date__', 'expressions/currentDate']);

function compileDefault(
  c: Compilation,
  entity: EntityDraft,
  field: FieldDraft,
  declared: DeclaredField,
): DefaultValue | null {
  const value = declared.content.defaultValue;
  const place = at(declared.place, 'defaultValue');
  if (CURRENT_DATE.has(value)) return Object.freeze({ kind: 'currentDate' });
  if (isHookRef(value)) {
    entity.usesHooks = true;
    const hook = hookAt(c, value, declared.scope, place);
    return hook && Object.freeze({ kind: 'hook', hook });
  }
  const literal = value as Json;
  c.later.push(() => {
    for (const item of field.many && Array.isArray(literal) ? literal : [literal]) {
      const decoded = field.type.decode(item, field, c.env, null);
      if (decoded instanceof Problem)
        c.problems.warn(place, `${decoded.message}: ${JSON.stringify(item)} will be refused`);
    }
  });
  return Object.freeze({ kind: 'literal', value: literal });
}

function compileCalculation(
  c: Compilation,
  entity: EntityDraft,
  field: FieldDraft,
  declared: DeclaredField,
): ValueCalculation | null {
  const value = declared.content.valueCalculation;
  const place = at(declared.place, 'valueCalculation');
  if (typeof value === 'object') return compileAggregate(c, entity, field, declared, value);
  entity.usesHooks = true;
  const hook = hookAt(c, value ?? '', declared.scope, place);
  return hook && Object.freeze({ kind: 'hook', hook });
}

function compileAggregate(
  c: Compilation,
  entity: EntityDraft,
  field: FieldDraft,
  declared: DeclaredField,
  value: AggregateFile,
): ValueCalculation | null {
  const place = at(declared.place, 'valueCalculation');
  const source = entityAt(c, value.entity, at(place, 'entity'));
  if (!field.type.supports.aggregatable)
    c.problems.error(place, `type ${field.type.name} can't hold a ${value.operation}`);
  if (!source) return null;
  const needsField = value.operation !== 'count';
  if (needsField && value.field === undefined)
    c.problems.error(place, `field is missing: ${value.operation} needs one`);
  if (needsField && value.field !== undefined) {
    const summed = fieldAt(c, source, value.field, at(place, 'field'));
    if (summed && !summed.type.supports.aggregatable) {
      c.problems.error(at(place, 'field'), `type ${summed.type.name} can't be added up`);
    }
  }
  const calculation = {
    kind: 'aggregate',
    entity: source.model.name,
    operation: value.operation,
    field: needsField ? (value.field ?? null) : null,
  } as Mutable<Extract<ValueCalculation, { kind: 'aggregate' }>>;
  const where = { target: source, source: entity, scope: declared.scope, place: at(place, 'filters'), database: true };
  compileFilterLater(c, value.filters ?? {}, where, (filter) => {
    calculation.filter = filter;
  });
  return calculation;
}

/** `typeRules.label` of a group: nothing, an inner field, or a function (spec field-types §4.30). */
function compileNestedLabel(
  c: Compilation,
  entity: EntityDraft,
  field: FieldDraft,
  rules: FieldRules['rules'],
): LabelRule {
  const { label } = rules.content;
  const place = at(rules.place, 'label');
  if (label === undefined || label === 'none') return { kind: 'static' };
  if (isHookRef(label)) {
    entity.usesHooks = true;
    const hook = hookAt(c, label, rules.scope, place);
    return hook ? { kind: 'hook', hook } : { kind: 'static' };
  }
  const path = label.startsWith('fields/') ? label.slice('fields/'.length) : label;
  const inner = innerField(field, path.split('.'));
  if (inner) return { kind: 'field', field: inner };
  if (!entity.damaged) c.problems.error(place, `field ${path} is not defined in ${field.path}`);
  return { kind: 'static' };
}

function innerField(group: Field, [name = '', ...rest]: readonly string[]): Field | undefined {
  const field = group.fieldByName.get(name);
  return field && rest.length > 0 ? innerField(field, rest) : field;
}
