// Records of enum entities that travel with the definitions: `<name>.records.yaml` (spec entity-model §2.16).
import type { Defined } from './app-files.ts';
import { type Compilation, type EntityDraft, entityAt } from './compilation.ts';
import { deepFreeze } from './freeze.ts';
import type { EnumRecords } from './model.ts';
import type { RecordsFile } from './other-schemas.ts';
import { at } from './place.ts';

/** Keys of a record that are no fields (spec entity-model §2.1). */
const SYSTEM_KEYS: ReadonlySet<string> = new Set(['id', 'version', 'label', 'entity', 'link']);

/** Gives each enum entity its records; fields are checked by name, values at the save. */
export function attachEnumRecords(c: Compilation, files: readonly Defined<RecordsFile>[]): void {
  for (const file of files) {
    const entity = entityAt(c, file.name, file.place);
    if (!entity) continue;
    if (entity.model.kind !== 'enum') {
      c.problems.error(file.place, `entity ${file.name} is not of type enum: only those have records in files`);
      continue;
    }
    checkRecords(c, entity, file);
    const sync = entity.declared.content.recordsSync ?? 'notSyncing';
    entity.model.enumRecords = deepFreeze<EnumRecords>({ sync, records: file.content });
  }
  warnAboutMissing(c);
}

function checkRecords(c: Compilation, entity: EntityDraft, { content, place }: Defined<RecordsFile>): void {
  const ids = new Set<string>();
  for (const [index, record] of content.entries()) {
    const id = record.id.toLowerCase();
    if (ids.has(id)) c.problems.error(at(place, index, 'id'), `there is already a record with id ${record.id}`);
    ids.add(id);
    for (const key of Object.keys(record)) {
      if (SYSTEM_KEYS.has(key) || entity.damaged || entity.model.fieldByName.has(key)) continue;
      c.problems.error(at(place, index, key), `field ${key} is not defined in entity ${entity.model.name}`);
    }
  }
}

function warnAboutMissing(c: Compilation): void {
  for (const { model, declared } of c.entities.values()) {
    if (declared.content.recordsSync === undefined) continue;
    const place = at(declared.place, 'recordsSync');
    if (model.kind !== 'enum') c.problems.warn(place, 'counts only for entities of type enum; it is ignored');
    else if (!model.enumRecords && declared.content.recordsSync !== 'notSyncing') {
      c.problems.warn(place, `there is no ${model.name.split('.').at(-1)}.records.yaml beside the entity`);
    }
  }
}
