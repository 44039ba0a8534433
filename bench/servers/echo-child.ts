/** The other end of a bare IPC channel. */
process.on('message', (message) => process.send?.(message));
