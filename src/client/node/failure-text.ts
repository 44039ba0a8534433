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

/** Why a connection could not be opened, in words that say what can be done. */
export function failureText(error: Error, url: string): string {
  // of several addresses of a name each has failed, the first is as good as any
  const first = error instanceof AggregateError ? (error.errors[0] as Error) : error;
  const { code = '' } = first as NodeJS.ErrnoException;
  const known = REASONS.get(code);
  if (known !== undefined) return known;
  if (UNKNOWN_CERTIFICATE.test(code)) return `its certificate is not trusted (${first.message})`;
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
  if (status === '503') return 'it is starting or stopping, or full: it answered 503';
  if (status !== '') return `it is no dispatcher, or has another path: it answered ${status}`;
  return first.message;
}
