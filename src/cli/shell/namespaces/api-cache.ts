import { isDispatcherError } from '../../../common/portable.js';
import { type ApiDescription, describeApi } from '../../../codegen/index.js';
import type { MethodDescription } from '../../../wire/index.js';
import { CacheFile } from '../../cache-file.js';
import type { Session } from '../../session/index.js';

/** What the cached answer goes by. */
interface Cached {
  readonly services: readonly string[];
  readonly api: ApiDescription;
}

export interface ApiOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Whatever is kept, the server is asked again. */
  readonly isFresh?: true;
}

/**
 * What the server says of itself. With what it said before on disk it is asked whether that still holds:
 * one round trip.
 *
 * @throws (rejects with) what a call is answered with
 */
export async function apiOf(
  session: Session,
  { env, isFresh }: ApiOptions,
): Promise<ApiDescription> {
  const file = CacheFile.of('shell', session.url, env);
  const cached = isFresh === true ? null : file.read();
  if (cached !== null) {
    const [hash, services] = await Promise.all([
      session.call<string>('discovery.get_schema_hash'),
      session.call<readonly string[]>('discovery.get_services'),
    ]);
    const value = cached.value as Cached;
    if (value.api.hash === hash && value.services.join() === services.join()) return value.api;
  }
  const silent: string[] = [];
  const api = await describeApi((method, args) => asked(session, { method, args }, silent));
  // with a hole in it, it is not to be believed the next time
  if (silent.length === 0) file.write({ services: Object.keys(api.methods), api } satisfies Cached);
  return api;
}

interface Asked {
  readonly method: string;
  readonly args: readonly unknown[] | undefined;
}

/** One of the services may be going just now, or is somebody else's and does not answer. */
async function asked<Answer>(
  { call }: Session,
  { method, args = [] }: Asked,
  silent: string[],
): Promise<Answer> {
  if (method !== 'discovery.get_methods') return call<Answer>(method, args);
  const none: readonly MethodDescription[] = [];
  return call<Answer>(method, args, { timeoutMs: DESCRIBE_LIMIT_MS }).catch((error: unknown) => {
    if (!isDispatcherError(error)) throw error;
    silent.push(String(args[0]));
    return none as Answer;
  });
}

const DESCRIBE_LIMIT_MS = 5_000;
