// The description of the API as a document: `full`, all that developers may do.
import type { FastifyInstance } from 'fastify';
import type { Definitions } from '../../definitions/model.ts';
import { forbidden, notFound } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { contextOf } from '../authenticate.ts';
import type { Part } from '../openapi/components.ts';
import { describeApi } from '../openapi/document.ts';
import type { Method } from '../openapi/operation.ts';

const FULL = 'full';

export function openApiRoutes(app: FastifyInstance, { definitions, config }: Services): void {
  const { prefix } = app;
  /** Made once for each set of definitions. */
  const documents = new WeakMap<Definitions, Part>();

  const describe = (name: string, request: Parameters<typeof contextOf>[0]): Part => {
    const ctx = contextOf(request);
    if (!ctx.principal.developer && !ctx.principal.system) {
      throw forbidden('Only developers may read the description of the whole API');
    }
    if (name !== FULL) throw notFound(`There is no API [${name.slice(0, 100)}]`);
    const current = definitions();
    let document = documents.get(current);
    if (!document) {
      document = describeApi({
        definitions: current,
        accessTo: ctx.accessTo,
        title: config.appName,
        server: `${config.publicUrl}${prefix}`,
        serves: (method: Method, route) => app.hasRoute({ method: method.toUpperCase() as 'GET', url: prefix + route }),
      });
      documents.set(current, document);
    }
    return document;
  };

  app.get('/openapi.json', async (request) => describe(FULL, request));
  app.get<{ Params: { name: string } }>('/docs/:name', async (request) => describe(request.params.name, request));
  app.get<{ Params: { file: string } }>('/files/public/doc-files/:file', async (request) => {
    const { file } = request.params;
    return describe(file.endsWith('.json') ? file.slice(0, -5) : file, request);
  });
}
