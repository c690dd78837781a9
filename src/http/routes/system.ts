// What developers do with the server itself (spec auth-jobs-logs-files §4.8).
import type { FastifyInstance } from 'fastify';
import { DefinitionsError, formatProblem } from '../../definitions/problems.ts';
import { badRequest, forbidden } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { contextOf } from '../authenticate.ts';

/** Mistakes that an answer shows; the log has all of them. */
const SHOWN = 50;

export function systemRoutes(app: FastifyInstance, { reload }: Services): void {
  for (const path of ['/system/clearCache', '/metadata/clearCache']) {
    app.put(path, async (request) => {
      const { developer, system } = contextOf(request).principal;
      if (!developer && !system) throw forbidden('Only developers may clear the cache');
      try {
        await reload();
      } catch (error) {
        throw error instanceof DefinitionsError ? refusal(error) : error;
      }
      return {};
    });
  }
}

function refusal(error: DefinitionsError): Error {
  const count = error.problems.length;
  const lines = error.problems.slice(0, SHOWN).map(formatProblem);
  if (count > SHOWN) lines.push(`… and ${count - SHOWN} more, all of them in the log`);
  const message = `The definitions have ${count} mistake${count === 1 ? '' : 's'}, the ones before stay in force:`;
  return badRequest([message, ...lines].join('\n'), { cause: error });
}
