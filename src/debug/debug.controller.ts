import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { JsonSchema, SchemaRegistry } from '../schema/index.js';

/** Injection token of {@link DebugDependencies}. */
export const DEBUG_DEPENDENCIES = Symbol('debug dependencies');

export interface DebugDependencies {
  readonly schemas: SchemaRegistry;
  readonly isReady: () => boolean;
}

/** The part of Express's response that is needed: the adapter stays Nest's business. */
interface StatusResponse {
  status(code: number): unknown;
}

/** What the debug-mode server answers: the schemas, and how the server is. */
@Controller()
export class DebugController {
  constructor(@Inject(DEBUG_DEPENDENCIES) private readonly dependencies: DebugDependencies) {}

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
