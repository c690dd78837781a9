// What a job may keep: entries, bytes, lines; and its progress, which never goes back and never says 100 too early.
import { ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { createBatchDraft, type RunState } from '../../../src/jobs/batch.ts';
import { JOB_LIMITS, type JobLimits } from '../../../src/jobs/limits.ts';

const START: RunState = {
  position: null,
  recordsCount: 0,
  recordsProcessed: 0,
  progress: 0,
  hasErrors: false,
  hasChildren: false,
  crashes: 3,
  logCount: 0,
  resultCount: 0,
  resultBytes: 0,
};

const draftOf = (over: Partial<RunState> = {}, limits: Partial<JobLimits> = {}) =>
  createBatchDraft(new ObjectId(), { ...START, ...over }, { ...JOB_LIMITS, ...limits }, () => 1_000);

const entriesOf = (draft: ReturnType<typeof draftOf>) =>
  draft.attachments().results.flatMap(({ entries }) => [...entries]);
const linesOf = (draft: ReturnType<typeof draftOf>) =>
  draft.attachments().logs.map(({ level, message }) => `${level} ${message}`);

describe('results', () => {
  it('keeps the first entries and counts the others only in the log when they failed', () => {
    const draft = draftOf({ resultCount: 998 });
    for (let id = 0; id < 5; id += 1) draft.result(`r${id}`, { status: 'error', errorMessage: 'no' });
    expect(entriesOf(draft).map(([id]) => id)).toEqual(['r0', 'r1']);
    expect(draft.state.resultCount).toBe(1_000);
    expect(linesOf(draft)).toHaveLength(5);
    expect(draft.state.hasErrors).toBe(true);
  });

  it('replaces a response that is too large by an error in the log', () => {
    const draft = draftOf({}, { responseBytes: 100 });
    draft.result('a', { status: 'ok', response: 'x'.repeat(200) });
    expect(entriesOf(draft)).toEqual([['a', '{"status":"ok"}']]);
    expect(linesOf(draft)).toEqual(['ERROR The response of record [a] is too large to be kept']);
    expect(draft.state.hasErrors).toBe(false);
  });

  it('keeps no more bytes than a job may have, whatever the entries', () => {
    const draft = draftOf({}, { resultBytes: 1_000 });
    for (let id = 0; id < 10; id += 1) draft.result(`${id}`, { status: 'ok', response: 'x'.repeat(300) });
    expect(draft.state.resultBytes).toBeLessThan(1_000 + 10 * 20);
    expect(entriesOf(draft).filter(([, json]) => json.includes('response'))).toHaveLength(3);
  });

  it('begins its part where the parts before have ended', () => {
    const draft = draftOf({ resultCount: 7 });
    draft.value('rowsImported', 3);
    expect(draft.attachments().results).toMatchObject([{ n: 7, entries: [['rowsImported', '3']] }]);
  });
});

describe('log lines', () => {
  it('end with a word that there were more', () => {
    const draft = draftOf({}, { logEntries: 3 });
    for (let line = 0; line < 5; line += 1) draft.log('INFO', `line ${line}`);
    expect(linesOf(draft)).toEqual(['INFO line 0', 'INFO line 1', 'WARN Further log entries of this job are not kept']);
  });

  it('are cut to a length', () => {
    const draft = draftOf({}, { logLength: 10 });
    draft.log('INFO', 'x'.repeat(50));
    expect(linesOf(draft)).toEqual([`INFO ${'x'.repeat(9)}…`]);
  });
});

describe('progress', () => {
  it.each([
    [0, 10, 0],
    [10, 1, 10],
    [3, 1, 33],
    [10, 10, 99],
    [10, 15, 99],
  ])('of %i records, %i processed: %i', (count, processed, progress) => {
    const draft = draftOf();
    draft.expect(count);
    draft.processed(processed);
    expect(draft.state.progress).toBe(progress);
  });

  it('does not go back when more records turn up', () => {
    const draft = draftOf({ recordsCount: 10, recordsProcessed: 5, progress: 50 });
    draft.expect(100);
    draft.processed(1);
    expect(draft.state.progress).toBe(50);
  });
});

describe('changes', () => {
  it('names only what has changed, and texts never as expressions', () => {
    const draft = draftOf();
    draft.moveTo('$position');
    expect(draft.changes()).toEqual({ position: { $literal: '$position' }, crashes: { $literal: 0 } });
  });

  it('is empty when nothing was said', () => {
    expect(draftOf().changes()).toEqual({});
  });
});
