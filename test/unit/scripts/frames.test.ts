// Frames survive however the pipe cuts them.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Frame, frameReader, frameText } from '../../../src/scripts/frames.ts';

const frame = fc.record({
  tag: fc.constantFrom('run', 'done', 'alive'),
  id: fc.nat(),
  body: fc.oneof(
    fc.constant(''),
    fc.json(),
    fc.string().map((text) => JSON.stringify(text)),
  ),
});

test('any frames, cut anywhere, come out as they went in', () => {
  fc.assert(
    fc.property(fc.array(frame), fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (frames, cuts) => {
      const text = frames.map(({ tag, id, body }) => frameText(tag, id, body)).join('');
      const read: Frame<string>[] = [];
      const feed = frameReader((one) => read.push(one));
      for (let at = 0, turn = 0; at < text.length; turn += 1) {
        const size = cuts[turn % cuts.length] ?? 1;
        feed(text.slice(at, at + size));
        at += size;
      }
      expect(read).toEqual(frames);
    }),
  );
});

test('a frame of 16 MB in small pieces takes no time to speak of', () => {
  const body = JSON.stringify('x'.repeat(16_000_000));
  const text = frameText('run', 1, body);
  const read: Frame<string>[] = [];
  const feed = frameReader((one) => read.push(one));
  const begun = performance.now();
  for (let at = 0; at < text.length; at += 65_536) feed(text.slice(at, at + 65_536));
  expect(read).toEqual([{ tag: 'run', id: 1, body }]);
  expect(performance.now() - begun).toBeLessThan(2000);
});
