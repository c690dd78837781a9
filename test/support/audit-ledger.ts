// Whether the audit entries of the crash tests' entity tell the same as its records: looked at in the database itself.
import { type Document, MongoClient } from 'mongodb';
import { expect } from 'vitest';

const DB = 'trebuchet';

interface History {
  readonly versions: number[];
  readonly deletions: number[];
  readonly marks: Set<number | null>;
}

/**
 * Exactly one entry for every version of every record, and one for its deletion; marks on all entries of deleted records and on no
 * others. No write may be under way.
 * @returns how many entries there were, and of how many deleted records
 */
export async function expectOneEntryPerVersion(mongodbUri: string): Promise<{ entries: number; deleted: number }> {
  const client = await new MongoClient(mongodbUri).connect();
  try {
    const db = client.db(DB);
    const records = await db
      .collection('data.audited')
      .find({}, { projection: { version: 1 } })
      .toArray();
    const living = new Map(records.map(({ _id, version }) => [_id.toHexString(), version as number]));
    const histories = historiesOf(await db.collection('audit.audited').find().toArray());
    for (const id of living.keys()) expect(histories.has(id), `record ${id} has entries`).toBe(true);
    let deleted = 0;
    for (const [id, { versions, deletions, marks }] of histories) {
      const last = living.get(id);
      if (last === undefined) deleted += 1;
      const wanted = last === undefined ? deletions.slice(0, 1) : [];
      expect(deletions, `deletions of ${id}`).toEqual(wanted);
      const version = last ?? deletions[0] ?? -1;
      expect(
        versions.toSorted((a, b) => a - b),
        `versions of ${id}`,
      ).toEqual([...Array(version + 1).keys()]);
      expect(marks.size, `marks of ${id}`).toBe(1);
      expect(marks.has(null), `${id} is marked as deleted`).toBe(last !== undefined);
    }
    const entries = await db.collection('audit.audited').countDocuments();
    return { entries, deleted };
  } finally {
    await client.close();
  }
}

function historiesOf(entries: readonly Document[]): Map<string, History> {
  const histories = new Map<string, History>();
  for (const { record, version, event, deleted } of entries) {
    const id = record.toHexString();
    const history = histories.get(id) ?? { versions: [], deletions: [], marks: new Set<number | null>() };
    histories.set(id, history);
    (event === 'USER_RECORD_DELETED' ? history.deletions : history.versions).push(version);
    history.marks.add(deleted?.getTime() ?? null);
  }
  return histories;
}
