import { LoginLoad } from '../load/login-load.js';
import { dispatcher } from '../subjects/dispatcher.subject.js';
import { nestWs, wsJson } from '../subjects/reference.subjects.js';
import { compare } from './comparison.js';
import type { Row } from './row.js';

const CLIENTS = 32;
const TARGET = 0.9;
/** For each round: the machine's pace differs more from second to second than the servers do. */
const TURNS = 3;

/** Connect, log in with a token that is rotated, part: the CPU of the server, against servers that know no users. */
export const loginRow: Row = {
  name: 'login',
  async run(context) {
    const { options } = context;
    const result = await compare(
      {
        row: 'login',
        title: `connect, log in by token (references: one call), part; ${CLIENTS} clients at a time`,
        operation: 'login',
        build: (entry) => dispatcher({ entry }),
        references: [wsJson, nestWs],
        target: TARGET,
        open: (started) => LoginLoad.open(started, { clients: CLIENTS }),
      },
      { ...context, options: { ...options, rounds: options.rounds * TURNS } },
    );
    return [result];
  },
};
