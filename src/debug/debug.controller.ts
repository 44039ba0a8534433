import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import type { ServiceRegistry } from '../rpc/index.js';
import type { JsonSchema, SchemaRegistry } from '../schema/index.js';
import { overviewPage, STYLE } from './overview-page.js';

/** Injection token of {@link DebugDependencies}. */
export const DEBUG_DEPENDENCIES = Symbol('debug dependencies');

export interface DebugDependencies {
  readonly services: ServiceRegistry;
  readonly schemas: SchemaRegistry;
  readonly version: string;
  readonly isReady: () => boolean;
  readonly addresses: () => readonly string[];
}

/** The part of Express's response that is needed: the adapter stays Nest's business. */
interface StatusResponse {
  status(code: number): unknown;
}

/** What the debug-mode server answers: what is offered, the schemas, and how the server is. */
@Controller()
export class DebugController {
  constructor(@Inject(DEBUG_DEPENDENCIES) private readonly dependencies: DebugDependencies) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  overview(): string {
    const { services, version, addresses } = this.dependencies;
    return overviewPage({ version, addresses: addresses(), services: services.list() });
  }

  @Get('style.css')
  @Header('Content-Type', 'text/css; charset=utf-8')
  style(): string {
    return STYLE;
  }

  @Get('schema.json')
  schema(): JsonSchema {
    return this.dependencies.schemas.document();
  }

  /** The process answers. */
  @Get('healthz')
  health(): { status: string } {
    return { status: 'ok' };
  }

  /** Plugins were tried and the listeners are open. */
  @Get('readyz')
  ready(@Res({ passthrough: true }) response: StatusResponse): { status: string } {
    const isReady = this.dependencies.isReady();
    if (!isReady) response.status(503);
    return { status: isReady ? 'ready' : 'starting' };
  }
}
