import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import type { ClientSocketConstructor } from '../../client/index.js';
import { UsageError } from '../exit-status.js';

export interface SocketOptions {
  /** A file of certificates in PEM. */
  readonly ca: string | null;
  /** Any certificate will do. */
  readonly isInsecure: boolean;
  readonly connectTimeoutMs: number;
}

/** The larger of what a server sends by default and what an answer of many rows may need. */
const MAX_MESSAGE_BYTES = 256 * 1_024 * 1_024;

/** Makes the sockets of a client, and knows why the last of them could not be opened. */
export class SocketMaker {
  #reason: string | null = null;

  /** @throws UsageError when the certificates cannot be read */
  constructor(private readonly options: SocketOptions) {}

  /** In words that say what can be done; null when nothing went wrong. */
  get reason(): string | null {
    return this.#reason;
  }

  get socketClass(): ClientSocketConstructor {
    const { ca, isInsecure, connectTimeoutMs } = this.options;
    const options = {
      handshakeTimeout: connectTimeoutMs,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
      rejectUnauthorized: !isInsecure,
      ...(ca !== null && { ca: certificates(ca) }),
    };
    const tell = (reason: string | null): void => {
      this.#reason = reason;
    };
    class NodeSocket extends WebSocket {
      constructor(url: string) {
        super(url, options);
        this.on('error', (error) => tell(reasonOf(error, url)));
        this.on('open', () => tell(null));
      }
    }
    return NodeSocket;
  }
}

function certificates(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new UsageError(`--ca: ${file} cannot be read: ${code ?? message}`, { cause });
  }
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nobody listens there'],
  ['ENOENT', 'there is no such socket'],
  ['ENOTFOUND', 'there is no such host'],
  ['EAI_AGAIN', 'the name of the host cannot be looked up at present'],
  ['EHOSTUNREACH', 'there is no way to that host'],
  ['ENETUNREACH', 'there is no way to that network'],
  ['ETIMEDOUT', 'the host does not answer'],
  ['EACCES', 'this user may not open it'],
  ['EPROTO', 'it does not speak TLS: try ws:// instead of wss://'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'it does not speak TLS: try ws:// instead of wss://'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'it does not speak TLS: try ws:// instead of wss://'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
]);
const UNKNOWN_CERTIFICATE = /SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)|ALTNAME|CERT_/;

function reasonOf(error: Error, url: string): string {
  // of several addresses of a name each has failed, the first is as good as any
  const first = error instanceof AggregateError ? (error.errors[0] as Error) : error;
  const { code = '' } = first as NodeJS.ErrnoException;
  const known = REASONS.get(code);
  if (known !== undefined) return known;
  if (UNKNOWN_CERTIFICATE.test(code)) {
    return `its certificate is not trusted (${first.message}): name who vouches for it with --ca FILE`;
  }
  if (/wrong version number|packet length too long/i.test(first.message)) {
    return 'it does not speak TLS: try ws:// instead of wss://';
  }
  if (/handshake has timed out|before the connection was established/.test(first.message)) {
    return 'nobody answers';
  }
  const wantsTls =
    code === 'ECONNRESET' || /hang up|Parse Error|^HPE_/.test(`${code} ${first.message}`);
  if (wantsTls && url.startsWith('ws:')) {
    return 'it is no WebSocket server, or one that wants TLS: try wss:// instead of ws://';
  }
  const [, status = ''] = /Unexpected server response: (\d+)/.exec(first.message) ?? [];
  if (status !== '') return `it is no dispatcher, or has another path: it answered ${status}`;
  return first.message;
}
