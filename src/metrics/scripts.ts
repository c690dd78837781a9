// The app's scripts: their hosts, the calls, and which definitions they come from.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { PoolStats } from '../scripts/pool.ts';

type Reading = readonly [label: string, value: number];

export function watchScripts(registry: Registry, stats: () => PoolStats, definitions: () => string): void {
  const registers = [registry];
  new Gauge({
    name: 'trebuchet_script_hosts',
    help: 'Processes for scripts, by state',
    labelNames: ['state'],
    registers,
    collect() {
      const { hosts, spares, starting, slow } = stats();
      for (const [state, value] of Object.entries({ serving: hosts, spare: spares, starting, slow }))
        this.set({ state }, value);
    },
  });
  new Gauge({
    name: 'trebuchet_script_messages',
    help: 'Messages to script hosts that have no answer yet',
    labelNames: ['state'],
    registers,
    collect() {
      const { inFlight, waiting } = stats();
      this.set({ state: 'running' }, inFlight);
      this.set({ state: 'waiting' }, waiting);
    },
  });
  count('trebuchet_script_calls_total', 'Functions of the app that were called', 'result', () => {
    const { calls, failures } = stats();
    return [
      ['all', calls],
      ['failed', failures],
    ];
  });
  count('trebuchet_script_host_deaths_total', 'Script hosts that ended, by reason', 'reason', () =>
    Object.entries(stats().deaths),
  );
  new Gauge({
    name: 'trebuchet_definitions_info',
    help: 'Hash of the definitions in force',
    labelNames: ['hash'],
    registers,
    collect() {
      this.reset();
      this.set({ hash: definitions().slice(0, 12) }, 1);
    },
  });

  /** Counted elsewhere: taken over as it stands. */
  function count(name: string, help: string, label: string, read: () => readonly Reading[]): void {
    new Counter({
      name,
      help,
      labelNames: [label],
      registers,
      collect() {
        this.reset();
        for (const [value, times] of read()) this.inc({ [label]: value }, times);
      },
    });
  }
}
