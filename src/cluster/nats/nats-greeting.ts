import { connect } from 'node:net';
import { messageOf } from '../../common/index.js';
import { hostOf, portOf } from './nats-address.js';
import { StartObstacle } from './start-obstacle.js';

const LONGEST_GREETING = 65_536;
const LONGEST_QUOTE = 40;
const MEND = 'mend dispatcher.cluster.servers';

/** What a NATS server says of itself to whoever connects, before anything else. */
export interface NatsGreeting {
  readonly version: string;
  readonly jetstream?: boolean;
  readonly tls_required?: boolean;
  readonly tls_available?: boolean;
  /** It wants a certificate of its clients. */
  readonly tls_verify?: boolean;
}

/**
 * Asks what listens at an address. The client library tells a server that is none from one that is
 * silent, and TLS from none, by errors of its own inside; who starts a node needs the reason.
 *
 * @throws (rejects with) StartObstacle when it is no NATS server
 */
export function greetingOf(server: string, timeoutMs: number): Promise<NatsGreeting> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostOf(server), port: portOf(server) });
    const fail = (reason: string, mayPass: boolean): void => {
      socket.destroy();
      reject(new StartObstacle(`NATS at ${server}: ${reason}`, mayPass));
    };
    let text = '';
    socket.setTimeout(timeoutMs, () => {
      if (socket.connecting) fail(`no answer within ${timeoutMs / 1_000} s: ${MEND}`, true);
      else fail(`what listens there says nothing, which is no NATS server: ${MEND}`, false);
    });
    socket.on('error', (error) => fail(whyNotReached(error), true));
    socket.on('close', () => fail('it ends connections at once: look into its log', true));
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (!text.includes('\n') && text.length < LONGEST_GREETING) return;
      const greeting = readGreeting(text);
      if (greeting === null) {
        const said = JSON.stringify(text.trim().slice(0, LONGEST_QUOTE));
        fail(`what listens there is no NATS server, it says ${said}: ${MEND}`, false);
        return;
      }
      socket.destroy();
      resolve(greeting);
    });
  });
}

function readGreeting(text: string): NatsGreeting | null {
  const [, json = ''] = /^INFO (\{.*\})\s*\r?\n/.exec(text) ?? [];
  try {
    const greeting: unknown = JSON.parse(json);
    return isGreeting(greeting) ? greeting : null;
  } catch {
    return null;
  }
}

function isGreeting(value: unknown): value is NatsGreeting {
  return typeof (value as NatsGreeting | null)?.version === 'string';
}

function whyNotReached(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return `nobody listens there: start nats-server, or ${MEND}`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host name is not known here: mend the name service or dispatcher.cluster.servers`;
    default:
      return `${messageOf(error)}: ${MEND}`;
  }
}
