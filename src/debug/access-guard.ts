import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BlockList } from 'node:net';
import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  SetMetadata,
  UnauthorizedException,
} from '@nestjs/common';
import {
  bearerTokenOf,
  isListed,
  isLoopbackAddress,
  isPlainRequest,
  plainAddress,
} from '../common/index.js';

const OPEN = 'dispatcher:open-to-strangers';

/** Whoever can reach the server may have what this handler answers; all others are guarded. */
export const openToStrangers = (): MethodDecorator => SetMetadata(OPEN, true);

/** Injection token of {@link AccessPolicy}. */
export const ACCESS_POLICY = Symbol('access policy');

export interface AccessPolicy {
  readonly trustedProxies: BlockList | null;
  /** Whether the token is that of somebody who may look inside: of `reader` or above. */
  readonly isReaderToken: (token: string) => boolean;
}

/**
 * Keeps what tells of the product's inside from strangers: a client that is not on this machine needs
 * the token of a login with the role `reader` or above in `Authorization: Bearer`, and so does a page of another site in a browser on
 * it. Guards every handler that does not say otherwise, under whichever spelling of its path it is found.
 */
export class AccessGuard implements CanActivate {
  constructor(@Inject(ACCESS_POLICY) private readonly policy: AccessPolicy) {}

  canActivate(context: ExecutionContext): boolean {
    if (Reflect.getMetadata(OPEN, context.getHandler()) === true) return true;
    const http = context.switchToHttp();
    const request = http.getRequest<IncomingMessage>();
    if (this.#isLocal(request) || this.policy.isReaderToken(bearerTokenOf(request.headers) ?? ''))
      return true;
    http.getResponse<ServerResponse>().setHeader('WWW-Authenticate', 'Bearer');
    throw new UnauthorizedException(
      'Log in: from elsewhere than this machine, send the token of a reader as Bearer',
    );
  }

  #isLocal({ socket: { remoteAddress }, headers }: IncomingMessage): boolean {
    if (remoteAddress === undefined) return false;
    const address = plainAddress(remoteAddress);
    if (!isLoopbackAddress(address) || isListed(address, this.policy.trustedProxies)) return false;
    return isPlainRequest(headers) && !isForeignPage(headers);
  }
}

/** What a page of another site has a browser fetch, which sends no `Origin` with scripts and images. */
function isForeignPage(headers: IncomingMessage['headers']): boolean {
  const { 'sec-fetch-site': site = 'none', 'sec-fetch-mode': mode } = headers;
  return site !== 'none' && site !== 'same-origin' && mode !== 'navigate';
}
