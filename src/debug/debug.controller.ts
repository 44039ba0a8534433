import { Controller, Get, Header, Res, UseGuards } from '@nestjs/common';
import { MetricsRegistry } from '../metrics/index.js';
import { AccessGuard, openToStrangers } from './access-guard.js';
import { Documents } from './documents/documents.js';
import { Health, type HealthReport } from './health.js';

const JSON_TYPE = 'application/json; charset=utf-8';

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
  constructor(
    private readonly documents: Documents,
    private readonly registry: MetricsRegistry,
    private readonly health: Health,
  ) {}

  @Get('schema.json')
  @Header('Content-Type', JSON_TYPE)
  schema(): Promise<string> {
    return this.documents.schema();
  }

  @Get('openrpc.json')
  @Header('Content-Type', JSON_TYPE)
  openRpc(): Promise<string> {
    return this.documents.openRpc();
  }

  @Get('asyncapi.json')
  @Header('Content-Type', JSON_TYPE)
  asyncApi(): Promise<string> {
    return this.documents.asyncApi();
  }

  /** Numbers for Prometheus. */
  @Get('metrics')
  async metrics(@Res({ passthrough: true }) response: PlainResponse): Promise<string> {
    const { text, contentType } = await this.registry.page();
    response.setHeader('Content-Type', contentType);
    return text;
  }

  /** 503 when a restart might help. */
  @openToStrangers()
  @Get('healthz')
  alive(@Res({ passthrough: true }) response: PlainResponse): Promise<HealthReport> {
    return answer(response, this.health.alive());
  }

  /** 503 when no client should be sent here. */
  @openToStrangers()
  @Get('readyz')
  ready(@Res({ passthrough: true }) response: PlainResponse): Promise<HealthReport> {
    return answer(response, this.health.ready());
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
