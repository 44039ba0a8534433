/**
 * Loaded into a measured server before its own code. Answers the parent's question with the memory that is left
 * after a full collection; anything else would measure how lazy the collector was.
 */
function report(): void {
  globalThis.gc?.();
  globalThis.gc?.(); // objects with finalizers need a second pass
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send?.({ live: heapUsed + external, resident: rss });
}

// Processes the server forks inherit the flags, but are not the one to ask.
if (process.argv[1] === process.env['BENCH_PROBED_ENTRY']) {
  process.on('message', (question) => {
    if (question === 'memory') report();
  });
}
