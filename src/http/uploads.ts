// Multipart bodies as streams: a file goes on to its writer piece by piece, and nothing else of the body is kept.
import multipart, { type MultipartFile } from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError, badRequest } from '../errors.ts';
import type { FileInfo } from '../files/file.ts';
import type { FileWriter } from '../files/writer.ts';

/** What a body may have besides the file: headers and boundaries of parts, small fields. */
const OVERHEAD_BYTES = 1_048_576;

/** Every part is a stream, fields too: those that nobody wants flow past. */
const PARSING = {
  isPartAFile: () => true,
  preservePath: true,
  throwFileSizeLimit: false,
  limits: { parts: 1_000, headerPairs: 100, headerSize: 16_384, fileSize: Number.POSITIVE_INFINITY },
};

/** Makes the routes of this scope take multipart bodies; to be called before they are declared. */
export async function acceptMultipart(scope: FastifyInstance): Promise<void> {
  await scope.register(multipart, PARSING);
}

export interface FilePart {
  /** As the client sent it: with a path, or with characters that no name should have. */
  readonly name: string;
  readonly contentType: string;
}

/**
 * Writes the first part with a filename, whatever its name (spec auth-jobs-logs-files §6.1); the other parts are ignored. The file is
 * completed when the whole body has arrived and is in order, and otherwise leaves nothing behind.
 * @param begin makes the writer of the file
 * @throws AppError `badRequest`
 */
export async function receiveFile(
  request: FastifyRequest,
  maxBytes: number,
  begin: (part: FilePart) => FileWriter,
): Promise<FileInfo> {
  if (!request.isMultipart()) throw badRequest('The body must be multipart/form-data with a file');
  if (Number(request.headers['content-length']) > maxBytes + OVERHEAD_BYTES)
    throw badRequest(`The file is larger than the ${maxBytes} bytes that are allowed`);
  let writer: FileWriter | null = null;
  try {
    for await (const { file, filename, mimetype } of understood(request.parts() as AsyncIterable<MultipartFile>)) {
      if (writer || !filename) file.resume();
      else {
        writer = begin({ name: filename, contentType: mimetype });
        for await (const piece of understood(file)) await writer.write(piece as Buffer);
      }
    }
    if (!writer) throw badRequest('The body has no part with a filename');
    return await writer.finish();
  } catch (error) {
    await writer?.abort();
    // what still comes has to flow past, or the connection would stand still and never be used again
    request.raw.resume();
    throw error;
  }
}

/** What the parser throws is the fault of the body. */
async function* understood<T>(source: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  try {
    yield* source;
  } catch (error) {
    if (error instanceof AppError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw badRequest(`The multipart body is not valid: ${reason}`, { cause: error });
  }
}
