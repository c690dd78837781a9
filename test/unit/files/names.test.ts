// Names and types of uploads (spec auth-jobs-logs-files §6.1).
import { create } from 'content-disposition';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { cleanName, cleanType } from '../../../src/files/names.ts';

describe('names', () => {
  it.each([
    ['a.txt', 'a.txt'],
    ['  a.txt  ', 'a.txt'],
    ['/etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['C:\\Users\\Ann\\notes.txt', 'notes.txt'],
    ['mixed/path\\to/file', 'file'],
    ['.hidden', '.hidden'],
    ['', 'file'],
    ['/', 'file'],
    ['.', 'file'],
    ['a/..', 'file'],
    ['\u0000\u0007', 'file'],
    ['a\r\nSet-Cookie: b.txt', 'aSet-Cookie: b.txt'],
    ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
    ['\uFEFFa.txt', 'a.txt'],
    ['bad\uD800.txt', 'bad\uFFFD.txt'],
    ['👩‍🚀.png', '👩‍🚀.png'],
    [`${'x'.repeat(300)}.pdf`, `${'x'.repeat(251)}.pdf`],
    ['x'.repeat(300), 'x'.repeat(255)],
    [`a.${'x'.repeat(300)}`, `a.${'x'.repeat(253)}`],
    [`${'😀'.repeat(200)}.png`, `${'😀'.repeat(125)}.png`],
  ])('%j becomes %j', (sent, name) => {
    expect(cleanName(sent)).toBe(name);
  });

  const anyName = fc.string({ unit: 'binary', maxLength: 600 });
  test('are never empty, never a path, well formed and the same when cleaned again', () => {
    fc.assert(
      fc.property(anyName, (sent) => {
        const name = cleanName(sent);
        expect(name).not.toMatch(/[/\\\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u);
        expect(['', '.', '..']).not.toContain(name);
        expect(name.length).toBeLessThanOrEqual(255);
        expect(name.isWellFormed()).toBe(true);
        expect(cleanName(name)).toBe(name);
      }),
      { numRuns: 2_000 },
    );
  });

  test('always make a header that is one line of plain characters', () => {
    fc.assert(
      fc.property(anyName, (sent) => {
        expect(create(cleanName(sent))).toMatch(/^attachment; filename[\x20-\x7e\xa0-\xff]+$/);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('content types', () => {
  it.each([
    ['text/plain', 'text/plain'],
    [' image/svg+xml ', 'image/svg+xml'],
    ['text/plain; charset=utf-8', 'text/plain; charset=utf-8'],
    [undefined, 'application/octet-stream'],
    ['', 'application/octet-stream'],
    ['text', 'application/octet-stream'],
    ['text/plain\r\nx: y', 'application/octet-stream'],
    ['text/plain; a=\u0000', 'application/octet-stream'],
    ['text/plän', 'application/octet-stream'],
    [`text/${'x'.repeat(300)}`, 'application/octet-stream'],
  ])('%j becomes %j', (sent, type) => {
    expect(cleanType(sent)).toBe(type);
  });
});
