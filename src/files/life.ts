// Who still needs a file whose time has come (spec auth-jobs-logs-files §6.2).
import type { ObjectId } from 'mongodb';
import type { FileDocument } from './file.ts';
import type { References } from './references.ts';

export interface LifeDeps {
  readonly references: References;
  /** Those of the jobs that are not over, by hex id. */
  readonly liveJobs: (jobs: readonly ObjectId[]) => Promise<ReadonlySet<string>>;
  readonly now: () => number;
}

/** What keeps a file: a record, a job, or that nobody here can tell; null: nothing. */
export type Need = 'record' | 'job' | 'unknown' | null;

export interface Life {
  /** What keeps each of these files, in their order. */
  needs(files: readonly FileDocument[]): Promise<Need[]>;
  /** Those files that are still there for others: their time has not come, or somebody needs them. */
  live(files: readonly FileDocument[]): Promise<FileDocument[]>;
}

export function createLife({ references, liveJobs, now }: LifeDeps): Life {
  const needs: Life['needs'] = async (files) => {
    if (files.length === 0) return [];
    const jobs = files.flatMap((file) => file.jobs ?? []);
    const [held, running] = await Promise.all([
      references.held(files.filter(({ state }) => state !== 'writing').map(({ _id }) => _id)),
      jobs.length > 0 ? liveJobs(jobs) : new Set<string>(),
    ]);
    return files.map((file) => {
      if (held.has(file._id.toHexString())) return 'record';
      if (file.jobs?.some((job) => running.has(job.toHexString()))) return 'job';
      return file.places?.some((place) => !references.knows(place)) ? 'unknown' : null;
    });
  };
  return {
    needs,
    live: async (files) => {
      const isDue = ({ expires }: FileDocument): boolean => expires !== undefined && expires.getTime() <= now();
      const due = files.filter(isDue);
      const kept = await needs(due);
      const dead = new Set(due.filter((_, index) => kept[index] === null));
      return files.filter((file) => !dead.has(file));
    },
  };
}
