import { type Server, STATUS_CODES } from 'node:http';

/** What a client is told that comes while the server starts: not here yet, so ask again. */
const STATUS = 503;
const RETRY_AFTER_SECONDS = '1';

/** Answers for a server that listens already, so that the address is known to be its own, and cannot serve yet. */
export function attachEarlyAnswers(server: Server): void {
  server.on('request', (_, response) => {
    response.writeHead(STATUS, {
      'Content-Type': 'text/plain',
      'Retry-After': RETRY_AFTER_SECONDS,
      Connection: 'close',
    });
    response.end(`${STATUS_CODES[STATUS] ?? ''}\n`);
  });
  server.on('upgrade', (_, socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(
      `HTTP/1.1 ${STATUS} ${STATUS_CODES[STATUS] ?? ''}\r\nRetry-After: ${RETRY_AFTER_SECONDS}\r\n` +
        'Connection: close\r\nContent-Length: 0\r\n\r\n',
    );
  });
}
