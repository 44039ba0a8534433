/**
 * Finds the MongoDB server of the test run, once: that of MONGODB_URI, else one that
 * mongodb-memory-server downloads and starts, else none, and then says why. MONGODB_REQUIRED makes
 * none a failure: continuous integration sets it where a server is to be had.
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  const given = process.env['MONGODB_URI'] ?? '';
  if (given !== '') return undefined;
  try {
    return await startDownloaded();
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    process.env['MONGODB_MISSING'] =
      `MONGODB_URI is not set and none can be downloaded: ${reason ?? ''}`;
    if ((process.env['MONGODB_REQUIRED'] ?? '') !== '') {
      throw new Error(process.env['MONGODB_MISSING'], { cause: error });
    }
    return undefined;
  }
}

async function startDownloaded(): Promise<() => Promise<void>> {
  await assertReachable('https://fastdl.mongodb.org/');
  const { MongoMemoryReplSet } = await import('mongodb-memory-server-core');
  // A set of one, because a server that stands alone has no transactions
  const server = await MongoMemoryReplSet.create({
    replSet: { count: 1, storageEngine: 'wiredTiger' },
  });
  process.env['MONGODB_URI'] = server.getUri();
  return async () => {
    await server.stop();
  };
}

/** Seconds instead of the retries of a download that cannot succeed. */
async function assertReachable(url: string): Promise<void> {
  try {
    await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(3_000) });
  } catch (cause) {
    throw new Error(`${url} cannot be reached`, { cause });
  }
}
