// Calls of the script API that this sandbox can't answer: they fail when called, with their name, never when read.
import { writeLog } from '../logs.ts';
import { refusing } from '../unavailable.ts';

const WAITING: Readonly<Record<string, string>> = {
  data: `findById findByIdAndLock find findOne findOneAndLock count aggregate refresh createRecord save remove delete
    executeAction executeGlobalAction lock tryLock lockById tryLockById unlock unlockById createQuery createAggregateQuery
    importRecords replaceRefs`,
  context: `getCurrentUserRecord getCurrentUser setCurrentUserRecord setCurrentUserRecordById setCurrentUserRecordByEmail
    root any`,
  jobs: `findById find logs logInfo logError waitForJob waitForJobs executeInJob setLowPriority removeLowPriority
    getCurrentJobId getCurrentJob`,
  users: `activate deactivate resetPassword updatePassword containsGroup isPrimaryGroup getPrimaryGroup addGroup removeGroup
    addIdentityProvider removeIdentityProvider getEndpointConfiguration`,
  files: 'open create share unshare',
  events: 'triggerEvent registerCallback executeCallback',
  app: 'getLabel getName getEnv getUrl getVersion getDefaultLanguage getDefaultTimezone',
  storage: 'get put putIfAbsent replace remove clear',
  i18n: 'translate',
  cache: 'put get remove clear maps mapKeys',
  dataCache: 'findAll find findOne clear entities entityIndexes indexKeys',
  db: 'find count aggregate insert insertMany update updateMany delete deleteMany bulkWrite',
  auth: 'sendOtpCode createToken',
  'utils.concurrency': 'tryLock lock unlock forceUnlock',
  'utils.crypto': 'sha1 sha3 keccak hashHmac hs256 verifySignatureWithHmac',
  'utils.crypto.jwt': 'generate verify decodeToken',
  'utils.xml': 'xmlToJson jsonToXml',
  'utils.script': 'wait',
  'utils.numbers': 'getRandomValue',
};

export type Namespace = { [name: string]: unknown };

/** Puts a refusing function at every name that nothing is at yet. */
export function addWaiting(sys: Namespace): void {
  for (const [path, names] of Object.entries(WAITING)) {
    const space = namespaceAt(sys, path.split('.'));
    for (const name of names.split(/\s+/)) space[name] ??= refusing(`sys.${path}.${name}`);
  }
}

function namespaceAt(root: Namespace, steps: readonly string[]): Namespace {
  let space = root;
  for (const step of steps) {
    space[step] ??= {};
    space = space[step] as Namespace;
  }
  return space;
}

/** `pkg.a.b.c()`, `svc.http.get()`: any chain of names can be read, calling it fails with its name. */
export function refusingChain(path: string): unknown {
  return chain(path, refusing);
}

/** `sys.internal`: what is not there logs a warning and gives null, so that an export never fails over it (spec §1.19). */
export function internal(path: string): unknown {
  return chain(path, (call) => () => {
    writeLog('warn', `${call}() is not available here`);
    return null;
  });
}

function chain(path: string, callable: (path: string) => () => unknown): unknown {
  const call = callable(path);
  // A proxy must be true to what is locked in its target, so nothing is there.
  for (const key of Reflect.ownKeys(call)) Reflect.deleteProperty(call, key);
  return new Proxy(Object.freeze(call), {
    get(target, name) {
      if (typeof name === 'symbol' || name === 'then' || name === 'toJSON' || name in target)
        return Reflect.get(target, name);
      return chain(`${path}.${name}`, callable);
    },
  });
}
