// A drafted field made complete: options, relationship, conditions, default, calculation; inner fields with it.
import type { Compilation, EntityDraft, FieldDraft } from './compilation.ts';
import { compileOptions } from './field-options.ts';
import { compileFieldRules } from './field-rules.ts';
import { draftRelationship } from './relationships.ts';

/** Needs the drafts of all entities, since rules refer to fields of others. */
export function compileField(c: Compilation, entity: EntityDraft, field: FieldDraft): void {
  const declared = entity.declaredOf.get(field);
  if (!declared) throw new Error(`field ${field.path} was not drafted for ${entity.model.name}`);
  const rules = compileOptions(c, entity, field, declared);
  if (rules.target) c.relationships.set(field, draftRelationship(c, field, rules, rules.target));
  compileFieldRules(c, entity, field, declared, rules);
  for (const inner of field.fields) compileField(c, entity, inner);
}
