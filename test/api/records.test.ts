// Records over HTTP on the demo app: create, read, list, update, delete, with every rule of the save pipeline that has an answer.
import { describe, expect, it } from 'vitest';
import { startTestApp } from '../support/app.ts';

const app = startTestApp();

const COMPANY = {
  name: 'Browsezoom',
  state: 'pending',
  type: 'a',
  numberOfEmployees: 95,
  isCustomer: false,
  contactInformation: { phoneNumber: '1-702-845-9380', email: 'jwoodsrq@spotify.com' },
  addresses: [
    { addressLine: '4 Magdeline Place', zipCode: '89145', city: 'Las Vegas', state: 'NV' },
    { addressLine: '1 Elm Street', zipCode: '10001', city: 'New York', state: 'NY' },
  ],
  homepage: 'http://www.browsezoom.com',
  taxId: '350-KWM',
  rating: '2.8',
  notes: 'test notes',
  lastMeeting: 1429623180000,
};

let serial = 0;
const unique = (name: string): string => `${name} ${++serial}`;

async function createCompany(fields: object = {}): Promise<Record<string, unknown>> {
  const answer = await app.post('/data/companies', { ...COMPANY, name: unique('Company'), ...fields });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
}

describe('create', () => {
  it('answers the stored record with system fields, labels and empties as null', async () => {
    const before = Date.now();
    const record = await createCompany({ name: 'Empty parts', notes: undefined, addresses: undefined, rating: null });
    expect(record).toMatchObject({ version: 0, label: 'Empty parts', notes: null, addresses: [], rating: null });
    expect(record.id).toMatch(/^[0-9a-f]{24}$/);
    expect(record.contactInformation).toMatchObject({ label: 'Contact Information', phoneNumber: '1-702-845-9380' });
    expect(record.lastUpdate).toBeGreaterThanOrEqual(before);
    expect(Object.keys(record).sort()).toEqual(
      [...Object.keys(COMPANY), 'id', 'label', 'lastUpdate', 'version'].sort(),
    );
  });

  it('gives a single nested group its object although nothing was sent', async () => {
    const { body } = await app.post('/data/companies', { name: unique('Bare') });
    expect(body.contactInformation).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      label: 'Contact Information',
      phoneNumber: null,
      email: null,
    });
  });

  it('applies defaults only where the value is empty', async () => {
    expect((await createCompany({ state: undefined })).state).toBe('active');
    expect((await createCompany({ state: null })).state).toBe('active');
    expect((await createCompany({ state: '  ' })).state).toBe('active');
    expect((await createCompany({ state: 'inactive' })).state).toBe('inactive');
  });

  it('reports all errors together in field order', async () => {
    const { status, body } = await app.post('/data/companies', {
      nonsense: 1,
      addresses: [{ zipCode: ['1'] }, 'x', { zip: '1' }],
      contactInformation: { email: 'not an email', phoneNumber: [1] },
      state: 'sdfsdfsd',
      numberOfEmployees: 1.5,
    });
    expect(status).toBe(400);
    expect(body.code).toBe('validationErrors');
    expect(body.message).toBe('There are validation errors');
    expect(body.errors.map((error: { field: string; code: string }) => [error.field, error.code])).toEqual([
      ['name', 'required'],
      ['state', 'invalid'],
      ['numberOfEmployees', 'invalid'],
      ['contactInformation.phoneNumber', 'invalidStructure'],
      ['contactInformation.email', 'invalidEmail'],
      ['addresses[0].zipCode', 'invalidStructure'],
      ['addresses[1]', 'invalidStructure'],
      ['addresses[2].zip', 'invalidStructure'],
      ['nonsense', 'invalidStructure'],
    ]);
    for (const error of body.errors) {
      expect(Object.keys(error).sort()).toEqual(['additionalInfo', 'code', 'field', 'fieldLabel', 'message']);
    }
  });

  it.each([
    ['a list', []],
    ['a text', 'text'],
    ['a number', 1],
  ])('refuses %s as body', async (_what, body) => {
    expect(await app.post('/data/companies', body)).toMatchObject({ status: 400, body: { code: 'badRequest' } });
  });

  it('names the field of a duplicate together with other errors', async () => {
    const { name } = await createCompany();
    const { body } = await app.post('/data/companies', { name, state: 'x' });
    expect(body.errors.map((error: { field: string; code: string }) => [error.field, error.code])).toEqual([
      ['name', 'notUnique'],
      ['state', 'invalid'],
    ]);
    const alone = await app.post('/data/companies', { name });
    expect(alone.status).toBe(400);
    expect(alone.body.errors).toEqual([
      {
        field: 'name',
        fieldLabel: 'Name',
        code: 'notUnique',
        message: 'There is already a record with this value',
        additionalInfo: { rejectedValue: name },
      },
    ]);
  });

  it('lets one of two racing creators win', async () => {
    const name = unique('Race');
    const answers = await Promise.all(Array.from({ length: 8 }, () => app.post('/data/companies', { name })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400, 400, 400, 400]);
    for (const { status, body } of answers) if (status === 400) expect(body.errors[0].code).toBe('notUnique');
  });

  it('answers 404 for an unknown entity', async () => {
    expect(await app.post('/data/unicorns', {})).toMatchObject({ status: 404, body: { code: 'notFound' } });
  });
});

describe('read', () => {
  it('answers what create answered', async () => {
    const record = await createCompany();
    expect((await app.get(`/data/companies/${record.id}`)).body).toEqual(record);
  });

  it('limits fields, also inside groups, and always sends the system fields', async () => {
    const { id } = await createCompany();
    const { body } = await app.get(`/data/companies/${id}?_fields=name,contactInformation.email,nonsense`);
    expect(Object.keys(body).sort()).toEqual(['contactInformation', 'id', 'label', 'name', 'version']);
    expect(Object.keys(body.contactInformation).sort()).toEqual(['email', 'id', 'label']);
  });

  it('prints plain text', async () => {
    const { id } = await createCompany({ state: 'pending', isCustomer: true });
    const { body } = await app.get(`/data/companies/${id}?_format=plainText`);
    expect(body).toMatchObject({ state: 'Pending', isCustomer: 'Yes', numberOfEmployees: '95', rating: '2.8' });
  });

  it.each(['000000000000000000000000', 'nonsense', '%20', "57fd'"])('answers 404 for the id %s', async (id) => {
    expect(await app.get(`/data/companies/${id}`)).toMatchObject({ status: 404, body: { code: 'notFound' } });
  });
});

describe('update', () => {
  it('changes what was sent and nothing else', async () => {
    const record = await createCompany();
    const { body } = await app.put(`/data/companies/${record.id}`, { state: 'active', numberOfEmployees: 100 });
    expect(body).toEqual({
      ...record,
      state: 'active',
      numberOfEmployees: 100,
      version: 1,
      lastUpdate: expect.any(Number),
    });
  });

  it('takes back the whole record as it was read', async () => {
    const record = await createCompany();
    const { status, body } = await app.put(`/data/companies/${record.id}`, {
      ...record,
      entity: { id: 'x', name: 'y' },
    });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toEqual({ ...record, version: 1, lastUpdate: expect.any(Number) });
  });

  it('clears with null, and merges groups', async () => {
    const record = await createCompany();
    const changes = { notes: null, contactInformation: { email: null }, addresses: null, isCustomer: null };
    const { body } = await app.put(`/data/companies/${record.id}`, changes);
    expect(body).toMatchObject({ notes: null, addresses: [], isCustomer: false });
    expect(body.contactInformation).toEqual({ ...(record.contactInformation as object), email: null });
    const emptied = await app.put(`/data/companies/${record.id}`, { contactInformation: null });
    expect(emptied.body.contactInformation).toEqual({
      ...(record.contactInformation as object),
      email: null,
      phoneNumber: null,
    });
  });

  it('merges nested elements by id, adds those without one and removes those not sent', async () => {
    const record = await createCompany();
    const [nevada, newYork] = record.addresses as { id: string }[];
    const { body } = await app.put(`/data/companies/${record.id}`, {
      addresses: [
        { id: newYork?.id, city: 'Albany' },
        { city: 'Boston', state: 'MA', zipCode: '02101' },
      ],
    });
    expect(body.addresses).toEqual([
      { ...newYork, city: 'Albany' },
      { id: expect.any(String), label: 'MA - 02101', addressLine: null, city: 'Boston', state: 'MA', zipCode: '02101' },
    ]);
    expect(body.addresses[1].id).not.toBe(nevada?.id);
  });

  it('locks optimistically when a version is sent', async () => {
    const { id } = await createCompany();
    expect((await app.put(`/data/companies/${id}`, { version: 0, notes: 'first' })).body.version).toBe(1);
    const stale = await app.put(`/data/companies/${id}`, { version: 0, notes: 'late' });
    expect(stale).toMatchObject({ status: 409, body: { code: 'optimisticLocking' } });
    // the version is compared before validation (spec README, "order of checks")
    const both = await app.put(`/data/companies/${id}`, { version: 0, state: 'nonsense' });
    expect(both.status).toBe(409);
    expect((await app.get(`/data/companies/${id}`)).body).toMatchObject({ version: 1, notes: 'first' });
  });

  it('writes nothing when anything is invalid', async () => {
    const record = await createCompany();
    const answer = await app.put(`/data/companies/${record.id}`, { notes: 'changed', state: 'nonsense' });
    expect(answer.status).toBe(400);
    expect((await app.get(`/data/companies/${record.id}`)).body).toEqual(record);
  });

  it('keeps every field of concurrent updates without a version', async () => {
    const { id } = await createCompany();
    const changes = [{ notes: 'a' }, { taxId: 'b' }, { homepage: 'http://c.com' }, { type: 'c' }, { rating: '4.5' }];
    const answers = await Promise.all(changes.map((change) => app.put(`/data/companies/${id}`, change)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const { body } = await app.get(`/data/companies/${id}`);
    expect(body).toMatchObject({ ...Object.assign({}, ...changes), version: 5 });
  });
});

describe('delete', () => {
  it('answers the deleted record, and then it is gone', async () => {
    const record = await createCompany();
    expect((await app.delete(`/data/companies/${record.id}`)).body).toEqual(record);
    expect((await app.get(`/data/companies/${record.id}`)).status).toBe(404);
    expect((await app.delete(`/data/companies/${record.id}`)).status).toBe(404);
  });

  it('frees unique values', async () => {
    const { id, name } = await createCompany();
    await app.delete(`/data/companies/${id}`);
    expect((await app.post('/data/companies', { name })).status).toBe(200);
  });
});

describe('references', () => {
  it('are found by id, label or object, store label and copied fields, and count for calculations', async () => {
    const company = await createCompany({ type: 'c', isCustomer: true });
    const python = (await app.post('/data/skills', { name: unique('Python') })).body;
    const expected = { id: company.id, label: company.label, type: 'c', isCustomer: true };
    for (const value of [company.id, company.label, { id: company.id }, { label: company.label }]) {
      const body = { firstName: 'Ann', lastName: 'Lee', company: value, skills: [python.id, { label: python.label }] };
      const answer = await app.post('/data/contacts', body);
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      expect(answer.body).toMatchObject({ label: 'Ann Lee', company: expected, numberOfSkills: 2 });
      expect(answer.body.skills).toEqual([
        { id: python.id, label: python.label },
        { id: python.id, label: python.label },
      ]);
    }
  });

  it('that match nothing or several records are errors', async () => {
    const { label } = await createCompany();
    const contact = { firstName: 'Ann', lastName: 'Lee' };
    const missing = await app.post('/data/contacts', { ...contact, company: 'No such company' });
    expect(missing.body.errors).toEqual([
      {
        field: 'company',
        fieldLabel: 'Company',
        code: 'notFound',
        message: 'Related record was not found',
        additionalInfo: { rejectedValue: 'No such company' },
      },
    ]);
    const list = await app.post('/data/contacts', { ...contact, company: [label] });
    expect(list.body.errors[0].code).toBe('invalidStructure');
  });

  it('to a deleted record still read, and fail at the next save', async () => {
    const company = await createCompany();
    const contact = (await app.post('/data/contacts', { firstName: 'A', lastName: 'B', company: company.id })).body;
    await app.delete(`/data/companies/${company.id}`);
    const read = await app.get(`/data/contacts/${contact.id}`);
    expect(read.body.company).toMatchObject({ id: company.id, label: company.label });
    const save = await app.put(`/data/contacts/${contact.id}`, { firstName: 'C' });
    expect(save.body.errors).toMatchObject([{ field: 'company', code: 'notFound' }]);
    const mended = await app.put(`/data/contacts/${contact.id}`, { firstName: 'C', company: null });
    expect(mended.body).toMatchObject({ company: null, label: 'C B' });
  });

  it('are printed whole with _relationshipsToFetch', async () => {
    const company = await createCompany();
    const contact = (await app.post('/data/contacts', { firstName: 'A', lastName: 'B', company: company.id })).body;
    const { body } = await app.get(`/data/contacts/${contact.id}?_relationshipsToFetch=company,skills`);
    expect(body.company).toEqual(company);
  });
});
