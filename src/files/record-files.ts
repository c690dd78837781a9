// Files as the write path of records sees them: which ones a value may name, and how they change hands with the record.
import { ObjectId } from 'mongodb';
import type { Context } from '../context.ts';
import type { StoredFile } from '../fields/file-upload.ts';
import { invalid } from '../fields/problems.ts';
import type { Files } from '../records/files.ts';
import { isOwner, seesAllFiles } from './access.ts';
import { type FileDocument, referenceTo } from './file.ts';
import type { Life } from './life.ts';
import { cleanName, cleanType } from './names.ts';
import type { References } from './references.ts';
import { createWriter, type WriterDeps } from './writer.ts';

export interface RecordFilesDeps extends WriterDeps {
  readonly life: Life;
  readonly references: References;
  readonly maxBytes: number;
}

export function createRecordFiles(deps: RecordFilesDeps): Files {
  const { store, life, references, maxBytes, now, unreferencedMs } = deps;

  /** A file of somebody else only where the caller can read it anyway: an id is no secret (spec field-types §4.29). */
  const usable = async (ctx: Context, files: readonly FileDocument[]): Promise<readonly FileDocument[]> => {
    if (seesAllFiles(ctx)) return files;
    const foreign = files.filter((file) => !isOwner(ctx, file)).map(({ _id }) => _id);
    if (foreign.length === 0) return files;
    const readable = await references.readable(ctx, foreign);
    return files.filter((file) => isOwner(ctx, file) || readable.has(file._id.toHexString()));
  };

  return {
    find: async (ctx, ids) => {
      const live = await life.live(await store.findAll(ids));
      const found = await usable(ctx, live);
      return new Map(found.map((file): [string, StoredFile] => [file._id.toHexString(), referenceTo(file)]));
    },

    describe: ({ name, contentType, bytes }) => {
      if (bytes.length > maxBytes) return invalid(`Maximum size of a file is ${maxBytes} bytes`, undefined);
      return { _id: new ObjectId(), name: cleanName(name), contentType: cleanType(contentType), size: bytes.length };
    },

    store: async (ctx, files) => {
      const owner = ObjectId.createFromHexString(ctx.principal.id);
      for (const { file, bytes } of files) {
        const { _id: id, name, contentType } = file;
        const writer = createWriter({ id, name, contentType, owner, jobs: [], maxBytes }, deps);
        try {
          await writer.write(bytes);
          await writer.finish();
        } catch (error) {
          await writer.abort();
          throw error;
        }
      }
    },

    change: async ({ taken, places = [], released }, session) => {
      if (released.length > 0) await store.release(released, new Date(now() + unreferencedMs), session);
      if (taken.length === 0 || (await store.hold(taken, places, session)) === taken.length) return [];
      const present = await store.present(taken, session);
      return taken.filter((id) => !present.some((other) => other.equals(id)));
    },

    discard: async (ids) => {
      for (const file of await store.findAll(ids)) {
        // held by now: the write did happen, although its answer said nothing or something else
        if (file.expires === undefined || !(await store.decide(file, { state: 'removing' }))) continue;
        await store.remove(file._id);
      }
    },
  };
}
