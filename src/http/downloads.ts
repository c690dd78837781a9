// Files as answers: whatever is in them, a browser saves them and does nothing else with them (spec auth-jobs-logs-files §6.3).
import { Readable } from 'node:stream';
import { create as contentDisposition } from 'content-disposition';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OpenFile } from '../files/service.ts';

const INERT = {
  'content-type': 'application/force-download',
  'cache-control': 'private, no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'x-content-type-options': 'nosniff',
};

/** Sends the content; the headers go out once its beginning has been read, so that until then an error can be answered. */
export async function sendFile(request: FastifyRequest, reply: FastifyReply, file: OpenFile): Promise<FastifyReply> {
  const { name, size } = file.info;
  // a stream, since Fastify would take the length of anything else
  const content = request.method === 'HEAD' ? Readable.from([]) : await file.content();
  return reply
    .headers({ ...INERT, 'content-disposition': contentDisposition(name), 'content-length': size })
    .send(content);
}
