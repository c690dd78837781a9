// Descriptions of the API as documents: `full`, all that developers may do, and those that `apis.yaml` names
// (spec auth-jobs-logs-files §4.8). Published ones need no token.
import type { FastifyInstance } from 'fastify';
import { type Context, FULL_ACCESS, type Principal } from '../../context.ts';
import { type ApiModel, FULL_API } from '../../definitions/apis.ts';
import type { Definitions } from '../../definitions/model.ts';
import { forbidden, notFound, unauthorized } from '../../errors.ts';
import type { Services } from '../../services.ts';
import type { Part } from '../openapi/components.ts';
import { describeApi } from '../openapi/document.ts';
import type { Method } from '../openapi/operation.ts';

/** In a scope that takes tokens but needs none. */
export function openApiRoutes(app: FastifyInstance, { definitions, accessOf, config }: Services): void {
  const { prefix } = app;
  const full: ApiModel = {
    name: FULL_API,
    label: config.appName,
    description: '',
    license: 'Proprietary',
    groups: null,
    published: false,
  };
  /** Made once for each set of definitions. */
  const known = new WeakMap<Definitions, Map<string, Part>>();

  const describe = (api: ApiModel): Part => {
    const current = definitions();
    const documents = known.get(current) ?? new Map<string, Part>();
    known.set(current, documents);
    let document = documents.get(api.name);
    if (!document) {
      document = describeApi({
        definitions: current,
        accessTo: api.groups ? accessOf(memberOf(api.groups)) : () => FULL_ACCESS,
        title: api.label,
        description: api.description,
        license: api.license,
        developer: api.groups === null,
        server: `${config.publicUrl}${prefix}`,
        serves: (method: Method, route) => app.hasRoute({ method: method.toUpperCase() as 'GET', url: prefix + route }),
      });
      documents.set(api.name, document);
    }
    return document;
  };

  const named = (name: string, ctx: Context | null): Part => {
    const api = name === FULL_API ? full : definitions().apis.find((each) => each.name === name);
    // who has no token learns nothing about names
    if (!ctx && !api?.published) throw unauthorized();
    if (!api) throw notFound(`There is no API [${name.slice(0, 100)}]`);
    if (!maySee(api, ctx)) throw forbidden(`You don't have permissions to read the description of API [${api.name}]`);
    return describe(api);
  };

  /** Of several the one that tells most: `full` for developers, else the first that the caller may see. */
  app.get('/openapi.json', async ({ ctx }) => {
    const api = [full, ...definitions().apis].find((each) => maySee(each, ctx));
    if (api) return describe(api);
    throw ctx ? forbidden("You don't have permissions to read the description of any API") : unauthorized();
  });
  app.get<{ Params: { name: string } }>('/docs/:name', async ({ ctx, params }) => named(params.name, ctx));
  app.get<{ Params: { file: string } }>('/files/public/doc-files/:file', async ({ ctx, params: { file } }) =>
    named(file.endsWith('.json') ? file.slice(0, -5) : file, ctx),
  );
}

function maySee({ groups, published }: ApiModel, ctx: Context | null): boolean {
  if (published) return true;
  if (!ctx) return false;
  const { principal } = ctx;
  return (
    principal.developer || principal.system || (groups?.some((group) => principal.groups.includes(group)) ?? false)
  );
}

/** Somebody with these groups and nothing else. */
const memberOf = (groups: readonly string[]): Principal => ({
  id: '0'.repeat(24),
  email: '',
  fullName: '',
  developer: false,
  system: false,
  groups,
  timezone: null,
  adminUserEmail: null,
});
