// Companies, contacts and skills as they are stored, for tests that run queries on real data.
import { type Db, Decimal128, type Document, ObjectId } from 'mongodb';

export const idOf = (digit: number): ObjectId => new ObjectId(`${digit}`.repeat(24));
const hexOf = (digit: number): string => idOf(digit).toHexString();

const record = (_id: ObjectId, label: string, data: Document): Document => ({
  _id,
  version: 1,
  label,
  __label_lower_case__: label.toLowerCase(),
  data,
});
const address = (digit: number, state: string, zipCode: string): Document => ({
  _id: idOf(digit),
  _label: `${state} - ${zipCode}`,
  state,
  zipCode,
});
const reference = (digit: number, label: string, availableFields: Document = {}): Document => ({
  _id: idOf(digit),
  label,
  __label_lower_case__: label.toLowerCase(),
  entityId: hexOf(9),
  availableFields,
});

const companies: Document[] = [
  record(idOf(1), 'Blogpad', {
    name: 'Blogpad',
    state: 'active',
    type: 'a',
    numberOfEmployees: 250,
    isCustomer: false,
    contactInformation: { _id: idOf(1), email: 'dwelchdp@apple.com', phoneNumber: '17028459380' },
    address: address(1, 'NY', '10001'),
    addresses: [address(1, 'CA', '90001'), address(2, 'NJ', '07001')],
    notes: 'Technology of tomorrow',
    rating: Decimal128.fromString('2.8'),
    revenue: Decimal128.fromString('1000.10'),
    lastMeeting: new Date(1_429_623_180_000),
    location: { type: 'Point', coordinates: [10, 5.05] },
    services: ['web', 'mobile'],
  }),
  record(idOf(2), 'Jazzy', {
    name: 'Jazzy',
    state: 'active',
    type: 'b',
    numberOfEmployees: 950,
    isCustomer: true,
    contactInformation: { _id: idOf(2), email: 'info@jazzy.com' },
    address: address(2, 'NJ', '07002'),
    addresses: [address(3, 'NY', '10002')],
    notes: 'Music',
    revenue: Decimal128.fromString('0.20'),
    location: { type: 'Point', coordinates: [10, 6] },
    services: ['web'],
  }),
  record(idOf(3), 'ACME, Inc', {
    name: 'ACME, Inc',
    state: 'pending',
    type: 'b',
    numberOfEmployees: 8,
    isCustomer: false,
    address: address(3, 'NY', '10003'),
    revenue: Decimal128.fromString('0.10'),
    location: { type: 'Point', coordinates: [50, 50] },
  }),
  // stored before most of the fields existed
  record(idOf(4), 'Old', { name: 'Old', type: 'c' }),
];

const skills: Document[] = [record(idOf(1), 'Python', { name: 'Python' }), record(idOf(2), 'Rust', { name: 'Rust' })];

const contact = (
  digit: number,
  firstName: string,
  lastName: string,
  company: Document | null,
  numberOfSkills: number,
  state: string,
): Document =>
  record(idOf(digit), `${firstName} ${lastName}`, {
    firstName,
    lastName,
    numberOfSkills,
    address: address(digit, state, '1'),
    ...(company && { company }),
    skills: [reference(1, 'Python'), reference(2, 'Rust')].slice(0, numberOfSkills),
  });
const blogpad = reference(1, 'Blogpad', {
  type: 'a',
  isCustomer: false,
  contactInformation: { email: 'dwelchdp@apple.com' },
});
const jazzy = reference(2, 'Jazzy', { type: 'b', isCustomer: true });

const contacts: Document[] = [
  contact(1, 'Ann', 'Lee', blogpad, 1, 'NY'),
  contact(2, 'Bob', 'Stone', blogpad, 4, 'NJ'),
  contact(3, 'Cid', 'Park', jazzy, 2, 'NJ'),
  contact(4, 'Dora', 'Lake', jazzy, 3, 'CA'),
  contact(5, 'Eve', 'Hill', null, 0, 'NJ'),
];

/** Stores the records in collections named as their entities, with the indexes that searches need. */
export async function storeQueryData(db: Db): Promise<void> {
  await db.collection('companies').insertMany(companies);
  await db.collection('contacts').insertMany(contacts);
  await db.collection('skills').insertMany(skills);
  await db.collection('companies').createIndex({ 'data.location': '2dsphere' });
  await db
    .collection('companies')
    .createIndex({ 'data.name': 'text', 'data.notes': 'text' }, { name: 'nameDescription' });
}
