// A stored file: its document, in GridFS's layout with our life cycle beside it, and what the rest of the server sees of it.
import { type Binary, ObjectId } from 'mongodb';
import type { StoredFile } from '../fields/file-upload.ts';

/**
 * `writing`: its content is on the way. `stored`: complete. `condemned`: nobody finds it any more, but it is looked at once more.
 * `removing`: given up for good, and what is left of it goes.
 */
export type FileState = 'writing' | 'stored' | 'condemned' | 'removing';

/** A document of `files.files`. The first keys and the chunks are those of GridFS, so that its tools can read what is here. */
export interface FileDocument {
  readonly _id: ObjectId;
  readonly filename: string;
  /** Bytes. */
  readonly length: number;
  readonly chunkSize: number;
  readonly uploadDate: Date;
  readonly metadata: {
    readonly contentType: string;
    /** SHA-256 of the content, in hex; empty while it is being written. */
    readonly hash: string;
    /** Who uploaded it, or whose job made it: may read and share it. */
    readonly owner: ObjectId;
  };
  readonly state: FileState;
  /**
   * When the file is looked at: what nobody needs then is removed. Absent while a record holds the file, since every write that takes
   * a file out of a record sets it.
   */
  readonly expires?: Date;
  /** Every place where a record has ever held the file: see `filePlace`. */
  readonly places?: readonly string[];
  /** Jobs that need the file until they are over. */
  readonly jobs?: readonly ObjectId[];
  /** Grows with every change of the life cycle: whoever decides about a file writes only to the revision that he saw. */
  readonly revision: number;
}

/** One piece of the content, in `files.chunks`. */
export interface ChunkDocument {
  readonly files_id: ObjectId;
  readonly n: number;
  readonly data: Binary | Buffer;
}

/** GridFS's own size. A document of it fits well below MongoDB's limits, and most files are a single one. */
export const CHUNK_BYTES = 255 * 1024;

/** What is told about a file. */
export interface FileInfo {
  /** 24-hex. */
  readonly id: string;
  readonly name: string;
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of the content, in hex. */
  readonly hash: string;
  /** 24-hex id of the user who uploaded it, or whose job made it. */
  readonly owner: string;
  readonly created: Date;
}

export function infoOf({ _id, filename, length, uploadDate, metadata }: FileDocument): FileInfo {
  return {
    id: _id.toHexString(),
    name: filename,
    contentType: metadata.contentType,
    size: length,
    hash: metadata.hash,
    owner: metadata.owner.toHexString(),
    created: uploadDate,
  };
}

/** The reference that a record keeps. */
export function referenceTo({ _id, filename, length, metadata }: FileDocument): StoredFile {
  return { _id, name: filename, contentType: metadata.contentType, size: length };
}

/** The id that a path names; null for a text that is none. */
export function fileId(text: string): ObjectId | null {
  return /^[0-9a-f]{24}$/i.test(text) ? ObjectId.createFromHexString(text) : null;
}
