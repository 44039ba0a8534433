import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';

const TOKEN = process.env['TOKEN'] ?? 'secret';

interface Request {
  readonly method: string;
  readonly headers: { readonly authorization?: string };
}

/**
 * A global guard of the host: who changes something over HTTP needs the token. Calls of the
 * dispatcher never meet it, for they have its own logins and roles.
 */
@Injectable()
export class TokenGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { method, headers } = context.switchToHttp().getRequest<Request>();
    return method === 'GET' || headers.authorization === `Bearer ${TOKEN}`;
  }
}
