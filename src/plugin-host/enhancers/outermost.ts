import {
  type CallHandler,
  Catch,
  type ExceptionFilter,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  type Provider as NestProvider,
} from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR } from '@nestjs/core';
import { defaultIfEmpty, type Observable } from 'rxjs';

/** What no filter of the plugin's has dealt with. */
export class Unhandled {
  constructor(readonly error: unknown) {}
}

/**
 * Stands behind all filters of a plugin and hands on what they leave: without it Nest would log each
 * refusal of a guard as an error of the server before it throws it again.
 */
@Catch()
class PassOnFilter implements ExceptionFilter {
  catch(error: unknown): Unhandled {
    return new Unhandled(error);
  }
}

/**
 * Stands around all interceptors of a plugin: a call that one of them has swallowed is answered with
 * nothing. Here and not where the outcome arrives, for a guard that says nothing lets nobody in.
 */
@Injectable()
class SwallowedInterceptor implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(defaultIfEmpty(undefined));
  }
}

/** For the module that comes first: of the global interceptors it is the outermost, of the filters the last. */
export const OUTERMOST: readonly NestProvider[] = [
  { provide: APP_FILTER, useClass: PassOnFilter },
  { provide: APP_INTERCEPTOR, useClass: SwallowedInterceptor },
];
