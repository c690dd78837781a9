// The small type through which records reach stored files; src/files implements it.
import type { ObjectId } from 'mongodb';
import type { Context } from '../context.ts';
import type { Session } from '../db/transaction.ts';
import type { LookupTry, Problem } from '../fields/field-type.ts';
import type { StoredFile } from '../fields/file-upload.ts';

/** A file that came inside of a record; its bytes are stored when the record is about to be. */
export interface NewFile {
  readonly file: StoredFile;
  readonly bytes: Buffer;
}

/** Which files a write puts into a record that did not hold them, and which ones it takes out. */
export interface FileChange {
  readonly taken: readonly ObjectId[];
  /** The places of the taken ones: see `filePlace`. */
  readonly places?: readonly string[];
  readonly released: readonly ObjectId[];
}

/** A file as a value brings it along. */
export type FileContent = Extract<LookupTry, { readonly by: 'content' }>;

export interface Files {
  /** The files among `ids` that exist and that the caller may put into a record, by hex id. */
  find(ctx: Context, ids: readonly ObjectId[]): Promise<ReadonlyMap<string, StoredFile>>;
  /** What a file sent inline is going to be, with an id of its own; nothing is stored yet. */
  describe(content: FileContent): StoredFile | Problem;
  /** Stores the bytes; until a record holds the files they are like any upload. */
  store(ctx: Context, files: readonly NewFile[]): Promise<void>;
  /**
   * Marks the files as held or as let go, in the transaction that writes the record: so no removal can come between.
   * @returns those of `taken` that are not there any more; the transaction must not be committed then
   */
  change(change: FileChange, session: Session): Promise<readonly ObjectId[]>;
  /** Removes stored files again unless a record holds them by now. */
  discard(ids: readonly ObjectId[]): Promise<void>;
}
