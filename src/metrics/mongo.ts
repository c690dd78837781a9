// MongoDB as this process sees it: its connections, how long one is waited for, and the time of commands.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { MongoConnection } from '../db/mongo.ts';

export type ObserveClient = (client: MongoConnection['client']) => void;

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30];

/** The client has to be made with `monitorCommands`. */
export function createMongoMetrics(registry: Registry): ObserveClient {
  const registers = [registry];
  const open = new Gauge({ name: 'trebuchet_mongo_connections', help: 'Open connections to MongoDB', registers });
  const inUse = new Gauge({ name: 'trebuchet_mongo_connections_in_use', help: 'Connections at work', registers });
  const waits = new Histogram({
    name: 'trebuchet_mongo_checkout_seconds',
    help: 'Time that an operation waited for a connection',
    buckets: SECONDS,
    registers,
  });
  const refused = new Counter({
    name: 'trebuchet_mongo_checkout_failures_total',
    help: 'Operations that got no connection',
    registers,
  });
  const commands = new Histogram({
    name: 'trebuchet_mongo_command_seconds',
    help: 'Time of commands, until the first answer',
    labelNames: ['command', 'outcome'],
    buckets: SECONDS,
    registers,
  });

  const series = new Map<string, { observe(value: number): void }>();
  const observe = (command: string, outcome: 'ok' | 'failed', seconds: number): void => {
    const key = `${command} ${outcome}`;
    let one = series.get(key);
    if (!one) {
      one = commands.labels(command, outcome);
      series.set(key, one);
    }
    one.observe(seconds);
  };

  return (client) => {
    // the driver tells durations in whole milliseconds, and most commands take less
    const started = new Map<number, number>();
    const end = (id: number, command: string, outcome: 'ok' | 'failed'): void => {
      const since = started.get(id);
      started.delete(id);
      if (since !== undefined) observe(command, outcome, (performance.now() - since) / 1000);
    };
    client.on('commandStarted', ({ requestId }) => void started.set(requestId, performance.now()));
    client.on('commandSucceeded', ({ requestId, commandName }) => end(requestId, commandName, 'ok'));
    client.on('commandFailed', ({ requestId, commandName }) => end(requestId, commandName, 'failed'));
    client.on('connectionCreated', () => open.inc());
    client.on('connectionClosed', () => open.dec());
    client.on('connectionCheckedOut', ({ durationMS }) => {
      inUse.inc();
      waits.observe(durationMS / 1000);
    });
    client.on('connectionCheckedIn', () => inUse.dec());
    client.on('connectionCheckOutFailed', () => refused.inc());
  };
}
