// Files over REST (spec auth-jobs-logs-files §6): upload, download directly, through a record and by a shared link.
import type { FastifyInstance } from 'fastify';
import type { Services } from '../../services.ts';
import { contextOf } from '../authenticate.ts';
import { sendFile } from '../downloads.ts';
import { queryOf } from '../query.ts';
import { acceptMultipart, receiveFile } from '../uploads.ts';

type FileRoute = { Params: { id: string } };
type RecordFileRoute = { Params: { entity: string; id: string; fileId: string } };

const DEFAULT_TTL_MS = '3600000';

export function fileRoutes(app: FastifyInstance, { files, config }: Services): void {
  app.register(async (scope) => {
    await acceptMultipart(scope);
    scope.post('/files', async (request) => {
      const ctx = contextOf(request);
      const { id } = await receiveFile(request, config.fileMaxBytes, (part) => files.create(ctx, part));
      return { fileId: id, fileLink: `/files/${id}` };
    });
  });

  app.get<FileRoute>('/files/:id', async (request, reply) => {
    return sendFile(request, reply, await files.open(contextOf(request), request.params.id));
  });

  app.get<RecordFileRoute>('/data/:entity/:id/files/:fileId', async (request, reply) => {
    const { entity, id, fileId } = request.params;
    return sendFile(request, reply, await files.openOfRecord(contextOf(request), entity, id, fileId));
  });

  app.put<FileRoute>('/files/:id/share', async (request) => {
    const ttl = queryOf(request).findLast(([name]) => name === 'ttl')?.[1] ?? DEFAULT_TTL_MS;
    return files.share(contextOf(request), request.params.id, /^\d+$/.test(ttl) ? Number(ttl) : Number.NaN);
  });
}

/** Without a token; one that is sent is not looked at. */
export function sharedFileRoutes(app: FastifyInstance, { files }: Services): void {
  app.get<FileRoute>('/files/shared/:id', async (request, reply) => {
    return sendFile(request, reply, await files.openShared(request.params.id));
  });
}
