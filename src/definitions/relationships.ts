// Rules of relationships that other parts need: target, filter, copied fields, what happens when the target changes or goes.
import type { Compilation, EntityDraft, FieldDraft, Mutable } from './compilation.ts';
import type { Declared } from './declared.ts';
import type { FieldRules } from './field-options.ts';
import type { TypeRules } from './field-schema.ts';
import type { Field, RelationshipRule } from './model.ts';
import { at, type Place } from './place.ts';

/** A relationship whose target is known; copied fields are resolved when all of them are. */
export interface RelationshipDraft {
  readonly rule: Mutable<RelationshipRule>;
  readonly target: EntityDraft;
  readonly rules: Declared<TypeRules>;
}

export type Relationships = Map<Field, RelationshipDraft>;

/** Everything but the copied fields. */
export function draftRelationship(
  c: Compilation,
  field: FieldDraft,
  { rules, targetCondition }: FieldRules,
  target: EntityDraft,
): RelationshipDraft {
  const { content } = rules;
  const rule: Mutable<RelationshipRule> = {
    entity: target.model.name,
    filter: null,
    copiedFields: [],
    deletePolicy: content.deletePolicy ?? 'none',
    labelUpdatePolicy: isYes(content.labelUpdatePolicy),
    copiedFieldsUpdatePolicy: isYes(content.copiedFieldsUpdatePolicy),
  };
  if (targetCondition?.kind === 'filter') {
    c.later.push(() => {
      rule.filter = targetCondition.filter;
    });
  }
  field.relationship = rule;
  return { rule, target, rules };
}

/** Policies are booleans or yes/no, and yes unless they say no. */
function isYes(policy: boolean | 'yes' | 'no' | undefined): boolean {
  return policy !== false && policy !== 'no';
}

/** Resolves the copied fields of one relationship (spec README: plain paths, whole groups, lists, and relationships with their copies). */
export function linkCopiedFields(c: Compilation, draft: RelationshipDraft, all: Relationships): void {
  const paths = draft.rules.content.copiedFields ?? [];
  const copies: Field[] = [];
  for (const [index, path] of paths.entries()) {
    if (paths.some((other) => other !== path && covers(other, path)) || paths.indexOf(path) < index) continue;
    const place = at(draft.rules.place, 'copiedFields', index);
    const field = copiedField(draft.target, path, all);
    if (field) {
      if (!copies.includes(field) && isCopyable(c, field, place)) copies.push(field);
    } else if (!draft.target.damaged)
      c.problems.error(place, `field ${path} is not defined in entity ${draft.target.model.name}`);
  }
  draft.rule.copiedFields = Object.freeze(copies);
}

/**
 * The field of the target that a path means. A path that goes on behind a relationship means that relationship, which keeps the
 * copies of its own.
 */
function copiedField(target: EntityDraft, path: string, all: Relationships): Field | null {
  const direct = target.model.fieldByPath.get(path);
  if (direct) return direct;
  const steps = path.split('.');
  for (let length = steps.length - 1; length > 0; length--) {
    const field = target.model.fieldByPath.get(steps.slice(0, length).join('.'));
    const relationship = field && all.get(field);
    if (!relationship) continue;
    const rest = steps.slice(length).join('.');
    const isKept = relationship.rules.content.copiedFields?.some((copy) => covers(copy, rest));
    return isKept && copiedField(relationship.target, rest, all) ? field : null;
  }
  return null;
}

function covers(path: string, inner: string): boolean {
  return inner === path || inner.startsWith(`${path}.`);
}

/** Sensitive and transient values are not copied: a copy would be in clear, or of nothing. Inside copied groups they are left out. */
function isCopyable(c: Compilation, field: Field, place: Place): boolean {
  if (!field.sensitive && !field.transient) return true;
  c.problems.warn(place, `field ${field.path} is ${field.sensitive ? 'sensitive' : 'transient'} and is not copied`);
  return false;
}
