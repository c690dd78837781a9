// Actions of an entity with their parameters, which are fields of the action (spec entity-model §1.4, §2.13).
import { type Compilation, type EntityDraft, fieldAt, hookAt } from './compilation.ts';
import { compileCondition } from './conditions.ts';
import { type Declared, type DeclaredField, declareFields } from './declared.ts';
import { compileField } from './entity-fields.ts';
import type { ActionFile } from './entity-schema.ts';
import { draftField } from './field-drafts.ts';
import type { ParameterFile } from './field-schema.ts';
import type { ActionModel, Field, HookRef, ParameterModel } from './model.ts';
import { at } from './place.ts';
import { queueOf } from './queues.ts';

/** Names that mean something else in `/data/{entity}/…` (spec entity-model §0.2). */
const RESERVED: ReadonlySet<string> = new Set(['aggregate', 'import', 'export', 'auditLogs', 'files']);

/** Compiles all actions; mistakes are reported, and the action stays as far as it can be understood. */
export function compileActions(c: Compilation, entity: EntityDraft): Map<string, ActionModel> {
  const actions = new Map<string, ActionModel>();
  for (const declared of entity.declared.actions) {
    const { name } = declared.content;
    const place = at(declared.place, 'name');
    if (RESERVED.has(name)) c.problems.error(place, `${name} is reserved: it has a meaning of its own in URLs`);
    if (actions.has(name)) c.problems.error(place, `there is already an action ${name}`);
    else actions.set(name, compileAction(c, entity, declared));
  }
  return actions;
}

function compileAction(c: Compilation, entity: EntityDraft, declared: Declared<ActionFile>): ActionModel {
  const { content, place, scope } = declared;
  const type = content.type ?? 'oneRecord';
  const hook = (key: 'actions' | 'validation'): HookRef | null =>
    content[key] === undefined ? null : hookAt(c, content[key], scope, at(place, key));
  const isOne = type === 'oneRecord';
  if (content.precondition !== undefined && !isOne) {
    c.problems.warn(at(place, 'precondition'), `actions of type ${type} have none; it is ignored`);
  }
  const precondition = isOne ? (content.precondition ?? true) : true;
  return Object.freeze({
    name: content.name,
    label: content.label ?? content.name,
    type,
    script: hook('actions'),
    precondition: compileCondition(c, precondition, {
      target: entity,
      source: null,
      scope,
      place: at(place, 'precondition'),
    }),
    parameters: Object.freeze(compileParameters(c, entity, declared, isOne)),
    resultAsResponse: content.resultAsResponse ?? false,
    saveDataBeforeRunning: content.saveDataBeforeRunning ?? false,
    executeInBackground: content.executeInBackground ?? false,
    queue: queueOf(c, content.queue, at(place, 'queue')),
    restrictToOneRecord: content.restrictToOneRecord ?? false,
    validation: hook('validation'),
  });
}

function compileParameters(
  c: Compilation,
  entity: EntityDraft,
  action: Declared<ActionFile>,
  isOne: boolean,
): ParameterModel[] {
  const files = action.content.parameters ?? [];
  const declared = declareFields(files, at(action.place, 'parameters'), action.scope);
  const names = new Set<string>();
  const parameters: ParameterModel[] = [];
  for (const [index, item] of declared.entries()) {
    const file = files[index] as ParameterFile;
    if (names.has(file.name)) {
      c.problems.error(at(item.place, 'name'), `there is already a parameter ${file.name}`);
      continue;
    }
    names.add(file.name);
    const parameter = compileParameter(c, entity, item, file, isOne);
    if (parameter) parameters.push(parameter);
  }
  return parameters;
}

function compileParameter(
  c: Compilation,
  entity: EntityDraft,
  item: DeclaredField,
  file: ParameterFile,
  isOne: boolean,
): ParameterModel | null {
  const parameterType = file.parameterType ?? 'parameter';
  if (parameterType === 'parameter') return build(c, entity, item, parameterType, null);
  if (!isOne) {
    c.problems.error(
      at(item.place, 'parameterType'),
      `only actions on one record have parameters of type ${parameterType}`,
    );
    return null;
  }
  const key = file.field === undefined ? 'name' : 'field';
  const linked = fieldAt(c, entity, file.field ?? file.name, at(item.place, key));
  const origin = linked && entity.declaredOf.get(linked);
  if (!linked || !origin) return null;
  // Definition of the field, name and label of the parameter.
  const content = { ...origin.content, name: file.name, label: file.label ?? linked.label };
  return build(c, entity, { ...origin, content }, parameterType, linked);
}

function build(
  c: Compilation,
  entity: EntityDraft,
  declared: DeclaredField,
  parameterType: ParameterModel['parameterType'],
  linkedField: Field | null,
): ParameterModel | null {
  warnMeaningless(c, declared, linkedField);
  const usesHooks = entity.usesHooks;
  const field = draftField(c, entity, declared, null);
  if (!field) return null;
  compileField(c, entity, field);
  entity.usesHooks = usesHooks;
  // Parameters are never stored.
  field.unique = false;
  field.indexable = false;
  return Object.assign(field, { parameterType, linkedField });
}

const STORAGE_KEYS = ['unique', 'indexable'] as const;

function warnMeaningless(c: Compilation, { content, place }: DeclaredField, linked: Field | null): void {
  if (linked) return;
  for (const key of STORAGE_KEYS) {
    if (content[key] === true) {
      c.problems.warn(at(place, key), 'parameters are never stored; this is ignored');
    }
  }
}
