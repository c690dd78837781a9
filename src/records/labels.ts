// Labels of records and nested groups, computed at save (spec entity-model §2.2).
import type { Field, LabelRule } from '../definitions/model.ts';
import type { Json, ValueEnv } from '../fields/field-type.ts';
import type { CheckCall } from './check.ts';
import type { Draft, Group } from './draft.ts';
import { visitFields } from './walk.ts';

/** The hook calls for all labels that are functions, nested groups before the record, since its label may read theirs. */
export function labelCalls(draft: Draft): CheckCall[] {
  const calls: CheckCall[] = [];
  visitGroups(draft, (field, element, at) => {
    const rule = field.labelRule;
    if (rule?.kind !== 'hook') return;
    const settle = (value: Json): void => {
      element._label = labelText(value);
    };
    calls.push({ call: { kind: 'nestedLabel', hook: rule.hook, at }, settle });
  });
  const rule = draft.entity.labelRule;
  if (rule.kind === 'hook') {
    const settle = (value: Json): void => {
      draft.label = labelText(value);
    };
    calls.push({ call: { kind: 'label', hook: rule.hook, at: null }, settle });
  }
  return calls;
}

/**
 * Sets the labels that need no script. A label is one for all readers, so it is printed in the app's zone, whoever saves.
 * @param timezone zone of the app
 */
export function setPlainLabels(draft: Draft, timezone: string): void {
  const env: ValueEnv = { ...draft.env, zone: timezone, language: 'english' };
  visitGroups(draft, (field, element, _at, position) => {
    const rule = field.labelRule;
    if (!rule || rule.kind === 'hook') return;
    element._label =
      rule.kind === 'field'
        ? fieldText(env, rule, element, field)
        : position === null
          ? field.label
          : `${field.label} ${position + 1}`;
  });
  const rule = draft.entity.labelRule;
  if (rule.kind === 'field') draft.label = fieldText(env, rule, draft.data, null);
  else if (rule.kind !== 'hook') draft.label = String(draft.id);
}

type GroupVisitor = (field: Field, element: Group, at: string, position: number | null) => void;

/** Innermost groups first: an outer label rule may read an inner label. */
function visitGroups(draft: Draft, visit: GroupVisitor): void {
  const found: Parameters<GroupVisitor>[] = [];
  visitFields(draft.entity.fields, draft.data, (field, group, at) => {
    if (field.fields.length === 0) return;
    const value = group[field.name];
    if (!Array.isArray(value)) {
      if (value) found.push([field, value as Group, at, null]);
    } else for (const [index, item] of value.entries()) found.push([field, item as Group, `${at}[${index}]`, index]);
  });
  for (const args of found.reverse()) visit(...args);
}

/** The string form of a field for a label: its plain text, `""` when empty. `owner` is the group that `group` is a value of. */
function fieldText(
  env: ValueEnv,
  rule: Extract<LabelRule, { kind: 'field' }>,
  group: Group,
  owner: Field | null,
): string {
  const { field } = rule;
  const value = valueAt(field, group, owner);
  if (value == null)
    return field.type.emptyNative === null ? '' : field.type.plainText(field.type.emptyNative, field, env);
  const text = (item: unknown): string =>
    field.fields.length > 0
      ? labelText(((item as Group)._label as string | undefined) ?? null)
      : field.type.plainText(item, field, env);
  return Array.isArray(value) ? value.map(text).join(', ') : text(value);
}

/** A label field may sit in a single nested group: `fields/contactInformation.email`. */
function valueAt(field: Field, group: Group, owner: Field | null): unknown {
  if (field.parent === owner || field.parent === null) return group[field.name];
  return (valueAt(field.parent, group, owner) as Group | undefined)?.[field.name];
}

function labelText(value: Json): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
