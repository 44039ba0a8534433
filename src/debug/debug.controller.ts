import type { IncomingMessage } from 'node:http';
import { Controller, ForbiddenException, Get, Header, Inject, Req, Res } from '@nestjs/common';
import type { MetricsRegistry } from '../metrics/index.js';
import type { ServiceRegistry } from '../rpc/index.js';
import type { JsonSchema, SchemaRegistry } from '../schema/index.js';
import type { Health, HealthReport } from './health.js';
import { isFromThisMachine } from './local-only.js';
import { overviewPage, STYLE } from './overview-page.js';

/** Injection token of {@link DebugDependencies}. */
export const DEBUG_DEPENDENCIES = Symbol('debug dependencies');

export interface DebugDependencies {
  readonly services: ServiceRegistry;
  readonly schemas: SchemaRegistry;
  readonly version: string;
  readonly health: Health;
  readonly metrics: MetricsRegistry;
  readonly addresses: () => readonly string[];
}

/** The part of Express's response that is needed: the adapter stays Nest's business. */
interface StatusResponse {
  status(code: number): unknown;
  setHeader(name: string, value: string): unknown;
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

  /** Numbers for Prometheus; about the machine and its users, so only for who is on it. */
  @Get('metrics')
  async metrics(
    @Req() request: IncomingMessage,
    @Res({ passthrough: true }) response: StatusResponse,
  ): Promise<string> {
    if (!isFromThisMachine(request)) {
      throw new ForbiddenException('Metrics are served on the machine itself only');
    }
    const { text, contentType } = await this.dependencies.metrics.page();
    response.setHeader('Content-Type', contentType);
    return text;
  }

  /** 503 when a restart might help. */
  @Get('healthz')
  alive(@Res({ passthrough: true }) response: StatusResponse): Promise<HealthReport> {
    return answer(response, this.dependencies.health.alive());
  }

  /** 503 when no client should be sent here. */
  @Get('readyz')
  ready(@Res({ passthrough: true }) response: StatusResponse): Promise<HealthReport> {
    return answer(response, this.dependencies.health.ready());
  }
}

async function answer(
  response: StatusResponse,
  pending: Promise<HealthReport>,
): Promise<HealthReport> {
  const report = await pending;
  if (report.reasons.length > 0) response.status(503);
  return report;
}
