// Files: written, read and shared by whoever may, over REST, by jobs and by scripts (spec auth-jobs-logs-files §6).
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { ObjectId } from 'mongodb';
import type { Context } from '../context.ts';
import type { Session } from '../db/transaction.ts';
import { badRequest, notFound } from '../errors.ts';
import type { RecordService } from '../records/service.ts';
import { requireDirectAccess } from './access.ts';
import { collectFiles } from './collector.ts';
import { type FileDocument, type FileInfo, fileId, infoOf } from './file.ts';
import type { Life } from './life.ts';
import { cleanName, cleanType } from './names.ts';
import type { ShareStore } from './share-store.ts';
import { createWriter, type FileWriter, type WriterDeps } from './writer.ts';

/** A file to be made. */
export interface NewFileSpec {
  /** Of any form; reduced to a harmless base name. */
  readonly name: string;
  readonly contentType?: string | undefined;
  /** Absent: the limit of uploads. */
  readonly maxBytes?: number;
  /** The job that makes or needs it: while that is not over, the file stays, also when it is not complete. */
  readonly job?: ObjectId;
}

/** A file that may be read. */
export interface OpenFile {
  readonly info: FileInfo;
  /**
   * A new stream of the content, once its beginning is there; it breaks off with an error when the file goes meanwhile.
   * @throws AppError when it can't be read at all
   */
  content(): Promise<Readable>;
}

export interface SharedFile {
  /** 24 hex characters; only its hash is stored. */
  readonly sharedFileId: string;
  /** Relative to the base path of the API. */
  readonly sharedFileLink: string;
}

export interface FileServiceDeps extends WriterDeps {
  readonly shares: ShareStore;
  readonly life: Life;
  readonly records: Pick<RecordService, 'file'>;
  readonly maxBytes: number;
}

export type FileService = ReturnType<typeof createFileService>;

const SHARE_BYTES = 12;
const LATEST_DATE = 8.64e15;

export function createFileService(deps: FileServiceDeps) {
  const { store, shares, life, records, maxBytes, now } = deps;

  /** @throws AppError `notFound`, also for a file whose time is over, and for an id that is none */
  const find = async (id: string): Promise<FileDocument> => {
    const file = await findLive(fileId(id));
    if (!file) throw notFound(`File [${id.slice(0, 100)}] was not found`);
    return file;
  };

  const findLive = async (id: ObjectId | null): Promise<FileDocument | null> => {
    const file = id && (await store.find(id));
    return file ? ((await life.live([file]))[0] ?? null) : null;
  };

  const findAccessible = async (ctx: Context, id: string): Promise<FileDocument> => {
    const file = await find(id);
    requireDirectAccess(ctx, file);
    return file;
  };

  const open = (file: FileDocument): OpenFile => ({
    info: infoOf(file),
    content: () => streamOf(store.read(file)),
  });

  return {
    /** Begins a file that belongs to the caller. */
    create(ctx: Context, spec: NewFileSpec): FileWriter {
      const owner = ObjectId.createFromHexString(ctx.principal.id);
      const jobs = spec.job ? [spec.job] : [];
      const contentType = cleanType(spec.contentType);
      return createWriter(
        { name: cleanName(spec.name), contentType, owner, jobs, maxBytes: spec.maxBytes ?? maxBytes },
        deps,
      );
    },

    /** `GET /files/{id}`: developers, system users, scripts, and the owner. @throws AppError `notFound`, `forbidden` */
    async open(ctx: Context, id: string): Promise<OpenFile> {
      return open(await findAccessible(ctx, id));
    },

    /** `GET /data/{entity}/{recordId}/files/{fileId}`. @throws AppError `notFound`, `forbidden` */
    async openOfRecord(ctx: Context, entity: string, recordId: string, id: string): Promise<OpenFile> {
      // the record holds it: whatever its document says about its time, it is not over
      const file = await store.find(await records.file(ctx, entity, recordId, id));
      if (!file) throw notFound(`File [${id}] was not found`);
      return open(file);
    },

    /**
     * `PUT /files/{id}/share`: a link that needs no permission.
     * @param ttlMs how long it is valid; 0: as long as the file
     * @throws AppError `notFound`, `forbidden`, `badRequest`
     */
    async share(ctx: Context, id: string, ttlMs: number): Promise<SharedFile> {
      if (!(ttlMs >= 0) || Math.floor(ttlMs) !== ttlMs)
        throw badRequest('[ttl] must be a number of milliseconds, 0 or more');
      const file = await findAccessible(ctx, id);
      const sharedFileId = randomBytes(SHARE_BYTES).toString('hex');
      const end = now() + ttlMs;
      const expires = ttlMs === 0 || end > LATEST_DATE ? null : new Date(end);
      await shares.insert(shareKey(sharedFileId), file._id, expires);
      return { sharedFileId, sharedFileLink: `/files/shared/${sharedFileId}` };
    },

    /** Ends all shares of a file. @throws AppError `notFound`, `forbidden` */
    async unshare(ctx: Context, id: string): Promise<void> {
      await shares.removeOf((await findAccessible(ctx, id))._id);
    },

    /** `GET /files/shared/{id}`: for anybody who knows the id. @throws AppError `notFound` */
    async openShared(sharedFileId: string): Promise<OpenFile> {
      const id = fileId(sharedFileId) && (await shares.find(shareKey(sharedFileId), new Date(now())));
      const file = await findLive(id);
      if (!file) throw notFound('There is no such shared file');
      return open(file);
    },

    /**
     * Keeps a file until a job is over, such as the upload of an import; with `session` from the moment on that the job exists.
     * @throws AppError `notFound`, `forbidden`
     */
    async keepForJob(ctx: Context, id: string, job: ObjectId, session?: Session): Promise<FileInfo> {
      const file = await findAccessible(ctx, id);
      if (!(await store.keepFor(file._id, job, session))) throw notFound(`File [${id}] was not found`);
      return infoOf(file);
    },

    /** Removes what nobody needs any more. @returns how many files went */
    sweep: (signal?: AbortSignal): Promise<number> => collectFiles(deps, signal),
  };
}

async function streamOf(pieces: AsyncGenerator<Buffer, void, undefined>): Promise<Readable> {
  const first = await pieces.next();
  let waiting: typeof first | null = first;
  return new Readable({
    read() {
      const piece = waiting ? Promise.resolve(waiting) : pieces.next();
      waiting = null;
      piece.then(
        ({ value }) => this.push(value ?? null),
        (error) => this.destroy(error),
      );
    },
    // also when nothing was ever read: the database keeps something open until then
    destroy(error, done) {
      pieces.return().then(
        () => done(error),
        (failure) => done(error ?? failure),
      );
    },
  });
}

const shareKey = (id: string): Buffer => createHash('sha256').update(id.toLowerCase()).digest();
