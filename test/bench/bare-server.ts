// The bare thing to compare with: Fastify and the driver, doing the same database work as the server, nothing more.
import fastify from 'fastify';
import { MongoClient, ObjectId } from 'mongodb';

const [, , uri = '', dbName = ''] = process.argv;
const client = await new MongoClient(uri, { writeConcern: { w: 'majority', journal: true } }).connect();
const companies = client
  .db(dbName)
  .collection<{ _id: ObjectId; version: number; data: Record<string, unknown> }>('data.companies');
const app = fastify();

/** The same answer shape, so that both serialize about as many bytes. */
const print = ({ _id, data, ...rest }: { _id: ObjectId; data: Record<string, unknown> }): object => ({
  id: _id,
  ...rest,
  ...data,
});

app.get<{ Params: { id: string } }>('/companies/:id', async (request) => {
  const found = await companies.findOne({ _id: new ObjectId(request.params.id) });
  return found ? print(found) : {};
});

app.get<{ Querystring: { type?: string; after?: string } }>('/companies', async (request) => {
  const { type, after } = request.query;
  if (after) {
    const items = await companies
      .find({ _id: { $lt: new ObjectId(after) } })
      .sort({ _id: -1 })
      .limit(20)
      .toArray();
    return { total: await companies.estimatedDocumentCount(), offset: items.at(-1)?._id, items: items.map(print) };
  }
  const filter = { 'data.type': type };
  const [items, total] = await Promise.all([
    companies.find(filter).sort({ _id: -1 }).limit(20).toArray(),
    companies.countDocuments(filter),
  ]);
  return { total, offset: items.at(-1)?._id, items: items.map(print) };
});

app.post<{ Body: Record<string, unknown> }>('/companies', async (request) => {
  const record = { _id: new ObjectId(), version: 0, data: request.body };
  await companies.insertOne(record);
  return print(record);
});

app.put<{ Params: { id: string }; Body: Record<string, unknown> }>('/companies/:id', async (request) => {
  const _id = new ObjectId(request.params.id);
  for (;;) {
    const found = await companies.findOne({ _id });
    if (!found) return {};
    const data = { ...found.data, ...request.body };
    const filter = { _id, version: found.version };
    const result = await companies.updateOne(filter, { $set: { version: found.version + 1, data } });
    if (result.matchedCount === 1) return print({ ...found, data });
  }
});

const address = await app.listen({ port: 0, host: '127.0.0.1' });
process.send?.({ address });
process.on('disconnect', () => process.exit(0));
