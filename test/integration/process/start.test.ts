// Starting the real command: ready in time, and what can't be is refused with words that help.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { run } from '../../../src/embedded/setup-steps.mjs';
import { startLoneMongod } from '../../support/lone-mongod.ts';
import { settingsOn, startApi, startCommand, temporaryFolder } from '../../support/process.ts';
import { testDatabase } from '../../support/services.ts';

const settings = settingsOn(testDatabase());

/** How much slower than a quiet machine this one is at the moment, told by the start of an empty process; 1 or more. */
async function slowness(): Promise<number> {
  const begin = performance.now();
  for (let round = 0; round < 5; round += 1) await run(process.execPath, ['-e', '0']);
  return Math.max(1, (performance.now() - begin) / 5 / 60);
}

describe('trebuchet start', () => {
  it('is ready in less than 1.5 s once MongoDB and Redis are up', async () => {
    const times: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const begin = performance.now();
      const api = await startApi(settings);
      times.push(performance.now() - begin);
      expect(await (await fetch(`${api.origin}/health/ready`)).json()).toMatchObject({ status: 'ready' });
      api.signal('SIGTERM');
      expect(await api.ended).toEqual({ code: 0, signal: null });
    }
    expect(Math.min(...times)).toBeLessThan(1_500 * (await slowness()));
  });

  it('reads .env from where it is started; the environment wins', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, '.env'), 'ENV_NAME=dev\nAPP_NAME=ignored\n');
    const api = await startApi({ ...settings, APP_NAME: 'mine' }, cwd);
    expect(api.apiUrl).toMatch(/\/dev\/runtime\/api$/);
    api.signal('SIGTERM');
    await api.ended;
  });

  it('names every wrong setting and ends with 1', async () => {
    const command = startCommand(['start'], { ...settings, PORT: 'x', LOG_LEVEL: 'loud' });
    expect(await command.ended).toEqual({ code: 1, signal: null });
    expect(command.output()).toMatch(/PORT must be a whole number from 0 to 65535.*\n.*LOG_LEVEL must be one of/);
  });

  it('refuses data that a newer version has written', async () => {
    const own: Record<string, string> = { ...settings, MONGODB_DB: `${settings.MONGODB_DB}_newer` };
    const client = await new MongoClient(own.MONGODB_URI ?? '').connect();
    try {
      const db = client.db(own.MONGODB_DB);
      await db.collection('settings').insertOne({ _id: 'storage' as never, format: 999 });
      const command = startCommand(['start'], own);
      expect(await command.ended).toEqual({ code: 1, signal: null });
      expect(command.output()).toMatch(
        /has storage format 999, written by a newer version of Trebuchet; this version knows/,
      );
      expect((await db.listCollections().toArray()).map(({ name }) => name)).toEqual(['settings']);
      await db.dropDatabase();
    } finally {
      await client.close();
    }
  });

  it('refuses a standalone MongoDB and says how to mend it', async () => {
    const lone = await startLoneMongod();
    try {
      const command = startCommand(['start'], { ...settings, MONGODB_URI: `mongodb://127.0.0.1:${lone.port}/` });
      expect(await command.ended).toEqual({ code: 1, signal: null });
      expect(command.output()).toMatch(/standalone server.*rs\.initiate\(\)/);
    } finally {
      await lone.stop();
    }
  });

  it('says which port is taken', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const address = squatter.address();
    const port = String(typeof address === 'object' ? address?.port : 0);
    const command = startCommand(['start'], { ...settings, PORT: port });
    expect(await command.ended).toEqual({ code: 1, signal: null });
    expect(command.output()).toContain(
      `can't listen on 127.0.0.1:${port} (HOST, PORT): something listens there already`,
    );
    squatter.close();
  });
});

describe('the command line', () => {
  it.each([
    [['--help'], 0, /Usage: trebuchet/],
    [['--version'], 0, /^\d+\.\d+\.\d+\n$/],
    [['no-such-command'], 2, /unknown command/],
    [['start', '--no-such-option'], 2, /unknown option/],
  ])('%j ends with %i', async (args, code, text) => {
    const command = startCommand(args);
    expect(await command.ended).toEqual({ code, signal: null });
    expect(command.output()).toMatch(text);
  });
});

describe('trebuchet worker', () => {
  it('answers on its health port and ends well', async () => {
    const worker = startCommand(['worker'], settings);
    const [, url = ''] = await worker.printed(/worker is ready; (http[^\s"]+)/);
    const answer = await fetch(url);
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({
      status: 200,
      body: { status: 'ready' },
    });
    worker.signal('SIGTERM');
    expect(await worker.ended).toEqual({ code: 0, signal: null });
  });
});
