// A synchronous delete has its time: what is done by then stays done, and the caller is told.
import { ObjectId } from 'mongodb';
import { expect, it } from 'vitest';
import { createDeleteService } from '../../../src/jobs/deletes.ts';
import type { Removal } from '../../../src/records/remove-many.ts';
import { callerOf } from '../../support/callers.ts';

const idsOf = (count: number): ObjectId[] => Array.from({ length: count }, () => new ObjectId());

/** A service whose batches take so long by its clock; answers how many records it was told to delete. */
function serviceOf(ids: readonly ObjectId[], msPerBatch: number) {
  let clock = 0;
  let removed = 0;
  const service = createDeleteService({
    records: {
      admit: () => {},
      remove: async () => ({}),
      identify: async (_ctx, _entity, names) => names.map((name) => ObjectId.createFromHexString(name)),
      idsToRemove: async function* () {
        yield [...ids];
      },
      removeMany: async (_ctx, _entity, batch): Promise<Removal[]> => {
        clock += msPerBatch;
        removed += batch.length;
        return batch.map((id) => ({ id: id.toHexString(), status: 'removed', record: null }));
      },
    },
    jobs: { submit: async () => ({ jobId: 'j', jobLink: '/api/status/jobs/j' }) },
    sessions: { run: (work) => work(null as never) },
    maxIds: 1_000,
    timeoutMs: 30_000,
    monotonic: () => clock,
  });
  return { service, removed: () => removed };
}

it('is over after its time, between two batches', async () => {
  const { service, removed } = serviceOf(idsOf(1_000), 8_000);
  await expect(service.removeMatching(callerOf(), 'things', [])).rejects.toMatchObject({
    code: 'timeout',
    status: 400,
    message: expect.stringMatching(/400 of 1000 .*_async=true/),
  });
  expect(removed()).toBe(400);
});

it('has as much time as it needs below that', async () => {
  const { service } = serviceOf(idsOf(1_000), 3_000);
  expect(Object.keys(await service.removeMatching(callerOf(), 'things', []))).toHaveLength(1_000);
});

it('in the background nothing is deleted by the call', async () => {
  const ids = idsOf(3);
  const { service, removed } = serviceOf(ids, 0);
  const names = ids.map((id) => id.toHexString());
  expect(await service.removeNamed(callerOf(), 'things', names, [['_async', 'true']])).toMatchObject({ jobId: 'j' });
  expect(removed()).toBe(0);
});

it('a path with more ids than the setting allows is refused, in the background too', async () => {
  const names = idsOf(1_001).map((id) => id.toHexString());
  const { service } = serviceOf([], 0);
  for (const query of [[], [['_async', 'true']]] as const) {
    await expect(service.removeNamed(callerOf(), 'things', names, query)).rejects.toMatchObject({ code: 'badRequest' });
  }
});
