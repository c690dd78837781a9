// `node test/bench/hooks.ts`: what one warm call of a function costs, alone and with 50 at once. Needs no services.
import type { HookCall } from '../../src/records/hooks.ts';
import { contact, hook, testPool } from '../support/scripts.ts';

const SOURCE = `
  function fullName(record) { return record.field('firstName').val() + ' ' + record.field('lastName').val(); }
  function addressLabel(record, nested) { return nested.field('state').val() + ' - ' + nested.field('zipCode').val(); }
  function numberOfSkills(record, parentField, action) { return record.field('skills').size(); }`;

const label: HookCall = { kind: 'label', hook: hook('fullName'), at: null };
const write: HookCall[] = [
  { kind: 'calculation', hook: hook('numberOfSkills', ['record', 'parentField', 'action']), at: 'numberOfSkills' },
  { kind: 'nestedLabel', hook: hook('addressLabel', ['record', 'nested']), at: 'address' },
  label,
];

const pool = testPool(SOURCE, { hosts: Number(process.argv[2] ?? 2) });
const started = performance.now();
await pool.ready();
console.log(`hosts ready after ${(performance.now() - started).toFixed(0)} ms`);
const record = contact({ notes: [], email: 'x'.repeat(1000) });
console.log(`record of ${JSON.stringify(record).length} bytes`);

/** Milliseconds of each call, and calls a second. */
async function measure(
  calls: readonly HookCall[],
  atOnce: number,
  count: number,
): Promise<{ each: number; times: number[] }> {
  const times: number[] = [];
  const begun = performance.now();
  const client = async (): Promise<void> => {
    for (let n = 0; n < count / atOnce; n += 1) {
      const from = performance.now();
      await pool.call(calls, record);
      times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  return { each: (performance.now() - begun) / count, times: times.sort((a, b) => a - b) };
}

function print(name: string, { each, times }: { each: number; times: number[] }): void {
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(3);
  console.log(`${name.padEnd(28)} ${each.toFixed(3)} ms a message; latency median ${at(0.5)}, p99 ${at(0.99)} ms`);
}

await measure(write, 50, 5000);
for (const [name, calls] of [
  ['one label', [label]],
  ['three functions of a write', write],
] as const) {
  print(`${name}, alone`, await measure(calls, 1, 5000));
  print(`${name}, 50 at once`, await measure(calls, 50, 30_000));
}
await pool.close();
