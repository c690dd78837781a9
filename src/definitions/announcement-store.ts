// Which definitions were put in force last, by any process: the bell that makes the others look at their folders.
import type { Db } from 'mongodb';
import { guarded } from '../db/errors.ts';

interface AnnouncementDocument {
  readonly _id: 'definitions';
  readonly hash: string;
  readonly at: Date;
}

export interface AnnouncementStore {
  /** The hash announced last; null when there is none yet. */
  read(): Promise<string | null>;
  announce(hash: string): Promise<void>;
}

export function createAnnouncementStore(db: Db): AnnouncementStore {
  const settings = db.collection<AnnouncementDocument>('settings');
  return {
    read: async () => (await guarded(() => settings.findOne({ _id: 'definitions' })))?.hash ?? null,
    announce: async (hash) => {
      const set = { $set: { hash, at: new Date() } };
      await guarded(() => settings.updateOne({ _id: 'definitions' }, set, { upsert: true }));
    },
  };
}
