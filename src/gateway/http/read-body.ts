import type { IncomingMessage } from 'node:http';

/** Why a body was not taken. */
export type BodyFault = 'too large' | 'too slow' | 'not UTF-8' | 'gone';

export interface BodyLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

type Body = { readonly text: string } | { readonly fault: BodyFault };

/** The whole body as text. No more of it is kept than may come, and it is not waited for longer than it may take. */
export function readBody(
  request: IncomingMessage,
  { maxBytes, timeoutMs }: BodyLimits,
): Promise<Body> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    return Promise.resolve({ fault: 'too large' });
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (body: Body): void => {
      clearTimeout(late);
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      resolve(body);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) finish({ fault: 'too large' });
      else chunks.push(chunk);
    };
    const onEnd = (): void => finish(decoded(chunks));
    const onClose = (): void => finish({ fault: 'gone' });
    const late = setTimeout(() => finish({ fault: 'too slow' }), timeoutMs);
    request.on('data', onData).once('end', onEnd).once('close', onClose);
  });
}

function decoded(chunks: readonly Buffer[]): Body {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)) };
  } catch {
    return { fault: 'not UTF-8' };
  }
}
