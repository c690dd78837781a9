// Entities, step by step: drafts of all, then what each field refers to, then what depends on the whole; frozen at the end.

import { compileActions } from './actions.ts';
import type { AppFiles } from './app-files.ts';
import { compileAudit } from './audit.ts';
import type { BuiltIn } from './built-in.ts';
import { type Compilation, type EntityDraft, fieldAt, hookAt } from './compilation.ts';
import { completeBuiltIn, type DeclaredEntity, declareEntity, inherit } from './declared.ts';
import { compileField } from './entity-fields.ts';
import { draftFields } from './field-drafts.ts';
import { isHookRef } from './hook-refs.ts';
import type { Identities } from './identities.ts';
import { planCopiedPoints, planIndexes } from './index-plans.ts';
import type { EntityModel, Field, HookRef, LabelRule } from './model.ts';
import { at } from './place.ts';
import type { Problems } from './problems.ts';
import { checkQuartz } from './quartz.ts';

/** All entities of the app and of the platform, declared: duplicates reported, built-in ones completed, parents' parts in place. */
export function declareEntities(
  files: AppFiles,
  builtIns: readonly BuiltIn[],
  problems: Problems,
): Map<string, DeclaredEntity> {
  const declared = new Map<string, DeclaredEntity>();
  for (const source of files.entities) {
    const first = declared.get(source.name);
    if (first) problems.error(source.place, `entity ${source.name} is already defined in ${first.place.source.file}`);
    else declared.set(source.name, declareEntity(source));
  }
  for (const { entity } of builtIns) {
    const own = declared.get(entity.name);
    const platform = declareEntity(entity);
    if (!files.unusable.entities.has(entity.name)) {
      declared.set(entity.name, own ? completeBuiltIn(own, platform) : platform);
    }
  }
  return inherit(declared, files.unusable.entities, problems);
}

/** An entity whose fields exist but refer to nothing yet. */
export function draftEntity(declared: DeclaredEntity, identities: Identities): EntityDraft {
  const { content, name } = declared;
  const identity = identities.entities.get(name);
  if (!identity) throw new Error(`entity ${name} has no identity`);
  const abstract = content.abstract ?? false;
  const model: EntityModel = {
    ...identity,
    name,
    label: content.label ?? content.name,
    kind: content.type ?? 'data',
    abstract,
    served: !abstract && !name.startsWith('sys.'),
    collection: `data.${name}`,
    fields: [],
    fieldByName: new Map(),
    fieldByPath: new Map(),
    allFields: [],
    labelRule: { kind: 'id' },
    lookupFields: [],
    recordValidations: [],
    indexes: [],
    audit: null,
    actions: new Map(),
    parentEntity: content.parentEntity ?? null,
    enableDetailedLogging: content.enableDetailedLogging ?? false,
    has: NOTHING,
    description: content.description ?? '',
  };
  return { declared, model, declaredOf: new Map(), damaged: declared.damaged, usesHooks: false };
}

const NOTHING: EntityModel['has'] = {
  hooks: false,
  defaults: false,
  calculations: false,
  conditions: false,
  sensitive: false,
  unique: false,
  relationships: false,
};

/** Fields with their structure, so that others can refer to them. */
export function draftEntityFields(c: Compilation, entity: EntityDraft): void {
  const { model } = entity;
  const fields = draftFields(c, entity, entity.declared.fields, null);
  model.fields = Object.freeze(fields);
  model.allFields = Object.freeze(flatten(fields));
  model.fieldByName = new Map(fields.map((field) => [field.name, field]));
  model.fieldByPath = new Map(model.allFields.map((field) => [field.path, field]));
}

function flatten(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) => [field, ...flatten(field.fields)]);
}

/** Everything that refers to fields, functions and other entities. */
export function compileEntity(c: Compilation, entity: EntityDraft): void {
  const { model, declared } = entity;
  for (const field of model.fields) compileField(c, entity, field);
  model.labelRule = compileLabel(c, entity);
  model.recordValidations = Object.freeze(compileValidations(c, entity));
  model.indexes = Object.freeze(planIndexes(c, entity));
  model.lookupFields = Object.freeze(compileLookups(c, entity));
  model.audit = compileAudit(c, entity);
  model.actions = compileActions(c, entity);
  checkKind(c, entity);
  if (declared.content.settings?.indexes && model.abstract) {
    c.problems.warn(
      at(declared.place, 'settings', 'indexes'),
      'an abstract entity has no records; only its children get indexes',
    );
  }
}

function compileLabel(c: Compilation, entity: EntityDraft): LabelRule {
  const declared = entity.declared.recordLabel;
  if (!declared) return { kind: 'id' };
  const { content, place, scope } = declared;
  if (isHookRef(content)) {
    entity.usesHooks = true;
    const hook = hookAt(c, content, scope, place);
    return hook ? { kind: 'hook', hook } : { kind: 'id' };
  }
  const field = fieldAt(c, entity, content.slice('fields/'.length), place);
  if (!field) return { kind: 'id' };
  if (field.sensitive) c.problems.warn(place, `field ${field.path} is sensitive, and labels are stored in clear`);
  if (field.parent?.insideMany) c.problems.error(place, `field ${field.path} is inside a list and can't be the label`);
  return { kind: 'field', field };
}

function compileValidations(c: Compilation, entity: EntityDraft): HookRef[] {
  if (entity.declared.validations.length > 0) entity.usesHooks = true;
  return entity.declared.validations
    .map(({ content, scope, place }) => hookAt(c, content, scope, place))
    .filter((hook) => hook !== null);
}

function compileLookups(c: Compilation, entity: EntityDraft): Field[] {
  const fields: Field[] = [];
  for (const { content, place } of entity.declared.lookups) {
    const field = fieldAt(c, entity, content, place);
    if (!field || fields.includes(field)) continue;
    if (!field.unique) c.problems.error(place, `field ${content} must be unique to find records by it`);
    fields.push(field);
  }
  return fields;
}

function checkKind(c: Compilation, { model, declared }: EntityDraft): void {
  const { dataGeneration } = declared.content;
  const place = at(declared.place, 'dataGeneration');
  if (model.kind === 'calculated') {
    c.problems.warn(
      at(declared.place, 'type'),
      'calculated entities are not supported yet: reads find nothing, writes are refused',
    );
  } else if (dataGeneration) c.problems.warn(place, 'counts only for entities of type calculated; it is ignored');
  if (!dataGeneration) return;
  const wrong = dataGeneration.expression === undefined ? null : checkQuartz(dataGeneration.expression);
  if (wrong !== null) c.problems.error(at(place, 'expression'), wrong);
  for (const key of ['condition', 'script'] as const) {
    const ref = dataGeneration[key];
    if (ref !== undefined) hookAt(c, ref, declared.scope, at(place, key));
  }
}

/** Sums up what the entity has and freezes it with all that hangs on it. */
export function finishEntity(entity: EntityDraft): void {
  const { model } = entity;
  model.indexes = Object.freeze([...model.indexes, ...planCopiedPoints(model.fields)]);
  const some = (test: (field: Field) => boolean): boolean => model.allFields.some(test);
  model.has = Object.freeze({
    hooks: entity.usesHooks,
    defaults: some((field) => field.defaultValue !== null),
    calculations: some((field) => field.calculation !== null),
    conditions: some(hasConditions),
    sensitive: some((field) => field.sensitive),
    unique: some((field) => field.unique) || model.indexes.some((index) => index.unique),
    relationships: some((field) => field.relationship !== null),
  });
  for (const field of entity.declaredOf.keys()) {
    Object.freeze(field.fields);
    Object.freeze(field.labelRule);
    Object.freeze(field.relationship);
    Object.freeze(field);
  }
  Object.freeze(model.labelRule);
  Object.freeze(model);
}

/** Access rules, or a `required` that depends on the record. */
function hasConditions({ required, readAccess, writeAccess }: Field): boolean {
  const isFixed = required.kind === 'always' || required.kind === 'never';
  return readAccess.kind !== 'always' || writeAccess.kind !== 'always' || !isFixed;
}
