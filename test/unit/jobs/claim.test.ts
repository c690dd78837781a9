// The order in which jobs are taken: trees with few running jobs first, then the oldest; low priority only beside free places.
import { type Filter, ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { claimNext } from '../../../src/jobs/claim.ts';
import type { JobDocument } from '../../../src/jobs/job.ts';

interface Waiting {
  readonly name: string;
  readonly tree: ObjectId;
  readonly low?: boolean;
}

const ids = Array.from({ length: 6 }, (_, index) => new ObjectId(index.toString(16).padStart(24, '0')));
const [a, b, c] = ids as [ObjectId, ObjectId, ObjectId];

/** What would be taken, from waiting jobs in the order of their age within each tree. */
async function taken(waiting: Waiting[], running: [ObjectId, number][], places: { busy: number; size: number }) {
  const runs = {
    runningTrees: async () => new Map(running.map(([tree, count]) => [tree.toHexString(), { tree, count }])),
    claim: async ({ lowPriority }: { lowPriority: boolean }, trees: Filter<ObjectId>) => {
      const passes = (tree: ObjectId): boolean => {
        const { $in, $nin } = trees as { $in?: ObjectId[]; $nin?: ObjectId[] };
        const has = (list: ObjectId[]): boolean => list.some((one) => one.equals(tree));
        return ($in ? has($in) : true) && ($nin ? !has($nin) : true);
      };
      const fit = waiting.filter((job) => (job.low ?? false) === lowPriority && passes(job.tree));
      const [oldest] = fit.sort((one, other) => one.tree.toHexString().localeCompare(other.tree.toHexString()));
      return (oldest ?? null) as unknown as JobDocument | null;
    },
  };
  const request = { queue: 'mix', types: ['T'], suspects: true, ...places };
  const claim = { worker: 'w', session: null as never };
  const job = await claimNext(runs, request, claim, new Date());
  return (job as unknown as Waiting | null)?.name ?? null;
}

const FREE = { busy: 0, size: 4 };

describe('claimNext', () => {
  it.each<[string, Waiting[], [ObjectId, number][], string | null]>([
    ['nothing waits', [], [], null],
    [
      'the oldest tree when none runs',
      [
        { name: 'b1', tree: b },
        { name: 'a1', tree: a },
      ],
      [],
      'a1',
    ],
    [
      'the tree that does not run',
      [
        { name: 'a1', tree: a },
        { name: 'b1', tree: b },
      ],
      [[a, 1]],
      'b1',
    ],
    [
      'the tree with fewer running',
      [
        { name: 'a1', tree: a },
        { name: 'b1', tree: b },
      ],
      [
        [a, 3],
        [b, 2],
        [c, 1],
      ],
      'b1',
    ],
    ['the only tree, however many it runs', [{ name: 'a1', tree: a }], [[a, 9]], 'a1'],
    [
      'normal before low, though younger and of a busier tree',
      [
        { name: 'low', tree: a, low: true },
        { name: 'b1', tree: b },
      ],
      [[b, 2]],
      'b1',
    ],
    ['low when nothing else waits', [{ name: 'low', tree: a, low: true }], [], 'low'],
  ])('takes %s', async (_, waiting, running, expected) => {
    expect(await taken(waiting, running, FREE)).toBe(expected);
  });

  it.each([
    [0, 1, 'low'],
    [0, 4, 'low'],
    [2, 4, 'low'],
    [3, 4, null],
    [1, 1, null],
    [4, 8, 'low'],
    [5, 8, null],
  ])('with %i of %i places busy low priority gives %s', async (busy, size, expected) => {
    expect(await taken([{ name: 'low', tree: a, low: true }], [], { busy, size })).toBe(expected);
  });
});
