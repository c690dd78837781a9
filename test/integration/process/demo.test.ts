// `trebuchet demo`: fills an empty app once, through the one write path.
import { expect, it } from 'vitest';
import { settingsOn, startApi, startCommand } from '../../support/process.ts';
import { connect } from '../../support/races.ts';
import { testDatabase } from '../../support/services.ts';

const database = testDatabase();
const login = { email: 'demo@example.com', password: 'a password of demos' };
const env = {
  ...settingsOn(database),
  ADMIN_EMAIL: login.email,
  ADMIN_PASSWORD: login.password,
  ENCRYPTION_KEY: 'ab'.repeat(32),
  SCRIPT_HOSTS: '1',
};

async function demo(settings: Record<string, string> = {}): Promise<{ code: number | null; output: string }> {
  const command = startCommand(['demo'], { ...env, ...settings });
  const { code } = await command.ended;
  return { code, output: command.output() };
}

it('adds the records once, with labels, references and calculated values', async () => {
  const first = await demo();
  expect(first).toMatchObject({ code: 0, output: expect.stringContaining('contacts: 450 records added') });
  const again = await demo();
  expect(again).toMatchObject({ code: 0, output: expect.stringContaining('companies: has 250 records already') });
  const api = await startApi(env);
  const send = await connect([api.apiUrl], login);
  const { body } = await send(0, 'GET', '/data/contacts?lastName=Quinn&_sortField=email&_size=1');
  expect(body.items[0]).toMatchObject({
    lastName: 'Quinn',
    company: { label: expect.any(String), type: expect.any(String) },
  });
  expect(body.items[0].numberOfSkills).toBe(body.items[0].skills.length);
  expect((await send(0, 'GET', '/data/companies?_size=0')).body.total).toBe(250);
});

it('an app without such records is told so', async () => {
  const { code, output } = await demo({
    ENTITIES_DIR: new URL('../../fixtures/apps/queries', import.meta.url).pathname,
  });
  expect({ code, output }).toMatchObject({ code: 1, output: expect.stringContaining('has no demo data') });
});
