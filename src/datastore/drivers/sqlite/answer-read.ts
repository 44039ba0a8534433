import type { Page, ReadRequest, RowsOfIds } from './messages.js';
import type { ReadSession } from './read-session.js';
import { encodeChunks } from './row-chunks.js';
import type { StatementCache } from './statement-cache.js';
import { READ_TERM } from './tables.js';

/** What one connection reads with. */
export interface ReadTools {
  readonly session: ReadSession;
  readonly statements: StatementCache;
}

/** Answers a request in full, as it is sent to the server's thread. */
export function answerRead({ session, statements }: ReadTools, request: ReadRequest): unknown {
  const table = (sql: string): unknown => statements.prepare(sql).all();
  switch (request.kind) {
    case 'get':
      return session.get(request.collection, request.id);
    case 'count':
      return snapshot(statements, () => session.count(request.collection, request.filter));
    case 'find':
      return snapshot(statements, () => encodeChunks(session.find(request)));
    case 'page': {
      const { rows, last } = session.page(request.collection, request.filter, request.after);
      return { chunks: encodeChunks(rows), last } satisfies Page;
    }
    case 'ids':
      return session.sortedIds(request);
    case 'rows': {
      const { rows, count } = session.rows(request.collection, request.filter, request.ids);
      return { chunks: encodeChunks(rows), count } satisfies RowsOfIds;
    }
    case 'last-serial':
      return session.lastSerial(request.collection);
    case 'collections':
      return table('SELECT definition AS value FROM _collections');
    case 'counters':
      return table('SELECT name, value FROM _counters ORDER BY name');
    case 'term':
      return table(READ_TERM);
  }
}

/** Several statements that see the store as of one moment. */
function snapshot<T>(statements: StatementCache, read: () => T): T {
  statements.prepare('BEGIN').run();
  try {
    return read();
  } finally {
    statements.prepare('COMMIT').run();
  }
}
