// `_relationshipsToFetch`: whole target records in place of references, one query per relationship.
import type { ObjectId } from 'mongodb';
import type { Field, StoredRecord } from '../definitions/model.ts';
import { matches } from '../query/matches.ts';
import type { Group } from './draft.ts';
import { printRecords } from './print.ts';
import type { ApiRecord, SerializeOptions } from './serialize.ts';
import type { Operation } from './service.ts';
import { visitValues } from './walk.ts';

/**
 * The target records of the given relationship fields, printed with the caller's rights on their entity. Targets that the caller
 * may not read are left out: the plain reference is printed for them (spec entity-model §4.3).
 */
export async function fetchRelated(
  operation: Operation,
  records: readonly StoredRecord[],
  fields: readonly Field[],
  shown: Pick<SerializeOptions, 'env' | 'format'>,
): Promise<Map<Field, Map<string, ApiRecord>>> {
  const fetched = new Map<Field, Map<string, ApiRecord>>();
  const ids = collectIds(operation, records, fields);
  await Promise.all(
    fields.map(async (field) => {
      const target = operation.definitions.entities.get(field.relationship?.entity ?? '');
      const wanted = [...(ids.get(field)?.values() ?? [])];
      if (!target || wanted.length === 0) return;
      const access = operation.ctx.accessTo(target);
      const { read } = access;
      if (read === false) return;
      const found = await operation.store.findByIds(target, wanted);
      const readable = found.filter((record) => read === null || matches(read, record));
      const options = { ...shown, access, selection: null, fetched: new Map() };
      const printed = await printRecords(operation, target, readable, options);
      fetched.set(field, new Map(readable.map((record, index) => [String(record._id), printed[index] as ApiRecord])));
    }),
  );
  return fetched;
}

function collectIds(
  operation: Operation,
  records: readonly StoredRecord[],
  fields: readonly Field[],
): Map<Field, Map<string, ObjectId>> {
  const ids = new Map<Field, Map<string, ObjectId>>(fields.map((field) => [field, new Map()]));
  for (const record of records) {
    visitValues(operation.entity.fields, record.data as Group, (field, value) => {
      const { _id } = value as { _id?: ObjectId };
      if (_id) ids.get(field)?.set(String(_id), _id);
    });
  }
  return ids;
}
