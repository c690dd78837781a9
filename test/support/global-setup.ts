// Once for a run of the integration tests: one MongoDB and one Redis, stopped at the end.
import type { TestProject } from 'vitest/node';
import { startOwnServices } from './own-services.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    services: { mongodbUri: string; redisUrl: string };
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const services = await startOwnServices();
  project.provide('services', { mongodbUri: services.mongodbUri, redisUrl: services.redisUrl });
  return services.stop;
}
