// Puts the parts of the file store together. Records need it, and it needs them: so the service comes in a second step.
import type { ObjectId } from 'mongodb';
import type { Logger } from 'pino';
import type { RunConfig } from '../config.ts';
import type { Definitions } from '../definitions/model.ts';
import type { Files } from '../records/files.ts';
import type { RecordService } from '../records/service.ts';
import type { RecordStore } from '../records/store.ts';
import { createLife } from './life.ts';
import { createRecordFiles } from './record-files.ts';
import { createReferences } from './references.ts';
import { createFileService, type FileService } from './service.ts';
import type { ShareStore } from './share-store.ts';
import type { FileStore } from './store.ts';
import { type FileSweep, startSweep } from './sweep.ts';

export interface FileDeps {
  readonly store: FileStore;
  readonly shares: ShareStore;
  readonly config: Pick<RunConfig, 'fileMaxBytes' | 'fileUnreferencedMs' | 'fileSweepMs'>;
  readonly definitions: () => Definitions;
  readonly records: Pick<RecordStore, 'exists'>;
  /** Those of the jobs that are not over, by hex id: they keep the files they need. */
  readonly liveJobs: (jobs: readonly ObjectId[]) => Promise<ReadonlySet<string>>;
  readonly log: Logger;
  /** Wall clock, epoch ms. */
  readonly now?: () => number;
}

export interface FileParts {
  /** For the record service. */
  readonly ofRecords: Files;
  serve(records: Pick<RecordService, 'file'>): FileService;
  startSweep(files: FileService): FileSweep;
}

/** Makes the indexes of the file store, and its parts. */
export async function openFiles(deps: FileDeps): Promise<FileParts> {
  const { store, shares, config, log, now = () => Date.now() } = deps;
  await Promise.all([store.ensureIndexes(), shares.ensureIndexes()]);
  const references = createReferences(deps);
  const life = createLife({ references, liveJobs: deps.liveJobs, now });
  const common = { store, life, unreferencedMs: config.fileUnreferencedMs, maxBytes: config.fileMaxBytes, now, log };
  return {
    ofRecords: createRecordFiles({ ...common, references }),
    serve: (records) => createFileService({ ...common, shares, records }),
    startSweep: (files) => {
      const everyMs = config.fileSweepMs;
      const takeTurn = () => store.takeTurn(new Date(now()), new Date(now() + everyMs));
      return startSweep({ sweep: files.sweep, takeTurn, everyMs, log });
    },
  };
}
