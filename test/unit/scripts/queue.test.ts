// Turns between entities, and the end of waiting.
import { expect, test } from 'vitest';
import { FairQueue, type Waiting } from '../../../src/scripts/queue.ts';

const job = (name: string, until = 100): Waiting & { name: string } => ({ name, key: name.charAt(0), until });
const anyKey = (): boolean => true;

function drain(queue: FairQueue<Waiting & { name: string }>, mayRun: (key: string) => boolean = anyKey): string {
  const names: string[] = [];
  for (let next = queue.take(mayRun); next; next = queue.take(mayRun)) names.push(next.name);
  return names.join(' ');
}

test('keys take turns, each in order', () => {
  const queue = new FairQueue<Waiting & { name: string }>();
  for (const name of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) queue.add(job(name));
  expect(queue.size).toBe(6);
  expect(drain(queue)).toBe('a1 b1 c1 a2 b2 a3');
  expect(queue.size).toBe(0);
});

test('work that had its turn goes first in its line', () => {
  const queue = new FairQueue<Waiting & { name: string }>();
  for (const name of ['a1', 'a2', 'b1']) queue.add(job(name));
  queue.add(job('a0'), true);
  expect(drain(queue)).toBe('a0 b1 a1 a2');
});

test('a key that may not run does not hold up the others', () => {
  const queue = new FairQueue<Waiting & { name: string }>();
  for (const name of ['a1', 'b1', 'a2', 'b2']) queue.add(job(name));
  expect(drain(queue, (key) => key === 'b')).toBe('b1 b2');
  expect(queue.size).toBe(2);
  expect(drain(queue)).toBe('a1 a2');
});

test('what has waited too long comes out, and nothing else', () => {
  const queue = new FairQueue<Waiting & { name: string }>();
  for (const [name, until] of [
    ['a1', 10],
    ['a2', 30],
    ['b1', 20],
  ] as const)
    queue.add(job(name, until));
  expect(queue.expire(20).map(({ name }) => name)).toEqual(['a1', 'b1']);
  expect(queue.size).toBe(1);
  expect(drain(queue)).toBe('a2');
});
