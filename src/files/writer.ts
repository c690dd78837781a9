// Writing one file piece by piece: two chunks of it at most are in memory, and nothing of it stays when it is not completed.
import { createHash } from 'node:crypto';
import { ObjectId } from 'mongodb';
import type { Logger } from 'pino';
import { badRequest, systemError } from '../errors.ts';
import { CHUNK_BYTES, type FileDocument, type FileInfo, infoOf } from './file.ts';
import type { FileStore, WriteStep } from './store.ts';

/** A file on its way into the store; ends with `finish` or `abort`. One call at a time. */
export interface FileWriter {
  readonly id: ObjectId;
  /**
   * Takes more of the content; resolves when there is room for more.
   * @throws AppError `badRequest` when the file gets too large
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Completes the file: from now on it can be read. */
  finish(): Promise<FileInfo>;
  /** Removes what has been written. Never throws: what can't be removed now is found by the sweep. */
  abort(): Promise<void>;
}

export interface WriterSpec {
  readonly id?: ObjectId;
  readonly name: string;
  readonly contentType: string;
  readonly owner: ObjectId;
  /** Jobs that need the file until they are over, also while it is not complete. */
  readonly jobs: readonly ObjectId[];
  readonly maxBytes: number;
}

export interface WriterDeps {
  readonly store: FileStore;
  readonly unreferencedMs: number;
  readonly now: () => number;
  readonly log: Logger;
}

/** An unfinished file that nobody has written to for so long is given up. */
const SILENCE_MS = 3_600_000;

/** Begins a file. Nothing is stored before the first chunk is full; a file of one chunk costs one round trip. */
export function createWriter(spec: WriterSpec, { store, unreferencedMs, now, log }: WriterDeps): FileWriter {
  const begin = newDocument(spec, now());
  const id = begin._id;
  const hash = createHash('sha256');
  let pieces: Uint8Array[] = [];
  let waiting = 0;
  let size = 0;
  let chunks = 0;
  let begun = false;
  let extended = now();
  let complete: Pick<FileDocument, 'length' | 'uploadDate' | 'metadata'> | null = null;
  // One step at a time, and its failure is kept: so an abort knows when nothing comes after it any more.
  let step = Promise.resolve();
  let failure: unknown = null;

  /** Sends what has been collected, once the step before it is done. */
  const send = async (last: boolean): Promise<void> => {
    await step;
    if (failure) throw failure;
    step = store.write(nextStep(last)).then(
      (alive) => {
        if (!alive) failure = systemError(`File [${id.toHexString()}] was given up while it was written`);
      },
      (error) => {
        failure = error;
      },
    );
  };

  const nextStep = (last: boolean): WriteStep => {
    const data = takeChunk();
    const time = now();
    const isLate = time - extended > SILENCE_MS / 2;
    if (isLate) extended = time;
    if (last) {
      const metadata = { ...begin.metadata, hash: hash.digest('hex') };
      complete = { length: size, uploadDate: new Date(time), metadata };
    }
    const first = !begun;
    begun = true;
    return {
      id,
      ...(first ? { begin } : {}),
      ...(data ? { chunk: { n: chunks++, data } } : {}),
      ...(isLate ? { extend: new Date(time + SILENCE_MS) } : {}),
      ...(complete ? { complete: { ...complete, expires: new Date(time + unreferencedMs) } } : {}),
    };
  };

  const takeChunk = (): Buffer | null => {
    if (waiting === 0) return null;
    const data = Buffer.concat(pieces, waiting);
    pieces = [];
    waiting = 0;
    hash.update(data);
    return data;
  };

  return {
    id,
    write: async (bytes) => {
      size += bytes.length;
      if (size > spec.maxBytes) throw badRequest(`The file is larger than the ${spec.maxBytes} bytes that are allowed`);
      for (let rest = bytes; rest.length > 0; ) {
        const piece = rest.subarray(0, CHUNK_BYTES - waiting);
        pieces.push(piece);
        waiting += piece.length;
        rest = rest.subarray(piece.length);
        if (waiting === CHUNK_BYTES) await send(false);
      }
    },
    finish: async () => {
      await send(true);
      await step;
      if (failure || !complete) throw failure;
      return infoOf({ ...begin, ...complete });
    },
    abort: async () => {
      await step;
      if (!begun) return;
      try {
        await store.remove(id);
      } catch (err) {
        log.warn({ err, file: id.toHexString() }, 'an unfinished file could not be removed; the sweep will');
      }
    },
  };
}

function newDocument({ id, name, contentType, owner, jobs }: WriterSpec, time: number): FileDocument {
  return {
    _id: id ?? new ObjectId(),
    filename: name,
    length: 0,
    chunkSize: CHUNK_BYTES,
    uploadDate: new Date(time),
    metadata: { contentType, hash: '', owner },
    state: 'writing',
    expires: new Date(time + SILENCE_MS),
    ...(jobs.length > 0 ? { jobs } : {}),
    revision: 0,
  };
}
