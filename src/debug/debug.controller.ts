import { Controller, Get, Header, Inject, Res, UseGuards } from '@nestjs/common';
import type { MetricsRegistry } from '../metrics/index.js';
import { AccessGuard, openToStrangers } from './access-guard.js';
import type { Documents } from './documents/documents.js';
import type { Health, HealthReport } from './health.js';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Injection token of {@link DebugDependencies}. */
export const DEBUG_DEPENDENCIES = Symbol('debug dependencies');

export interface DebugDependencies {
  readonly documents: Documents;
  readonly metrics: MetricsRegistry;
  readonly health: Health;
}

/** The part of Express's response that is needed: the adapter stays Nest's business. */
interface PlainResponse {
  status(code: number): unknown;
  setHeader(name: string, value: string): unknown;
}

/**
 * What the debug-mode server answers: the documents, the numbers, and how the server is. A handler is
 * for this machine and for those who are logged in, unless it says that it is open.
 */
@Controller()
@UseGuards(AccessGuard)
export class DebugController {
  constructor(@Inject(DEBUG_DEPENDENCIES) private readonly dependencies: DebugDependencies) {}

  @Get('schema.json')
  @Header('Content-Type', JSON_TYPE)
  schema(): Promise<string> {
    return this.dependencies.documents.schema();
  }

  @Get('openrpc.json')
  @Header('Content-Type', JSON_TYPE)
  openRpc(): Promise<string> {
    return this.dependencies.documents.openRpc();
  }

  @Get('asyncapi.json')
  @Header('Content-Type', JSON_TYPE)
  asyncApi(): Promise<string> {
    return this.dependencies.documents.asyncApi();
  }

  /** Numbers for Prometheus. */
  @Get('metrics')
  async metrics(@Res({ passthrough: true }) response: PlainResponse): Promise<string> {
    const { text, contentType } = await this.dependencies.metrics.page();
    response.setHeader('Content-Type', contentType);
    return text;
  }

  /** 503 when a restart might help. */
  @openToStrangers()
  @Get('healthz')
  alive(@Res({ passthrough: true }) response: PlainResponse): Promise<HealthReport> {
    return answer(response, this.dependencies.health.alive());
  }

  /** 503 when no client should be sent here. */
  @openToStrangers()
  @Get('readyz')
  ready(@Res({ passthrough: true }) response: PlainResponse): Promise<HealthReport> {
    return answer(response, this.dependencies.health.ready());
  }
}

async function answer(
  response: PlainResponse,
  pending: Promise<HealthReport>,
): Promise<HealthReport> {
  const report = await pending;
  if (report.reasons.length > 0) response.status(503);
  return report;
}
