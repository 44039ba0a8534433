import { Controller, Get, Injectable, Module, type OnModuleDestroy, Param } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import type { AddressInfo, Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DispatcherClient,
  DispatcherClientModule,
  DispatcherExceptionFilter,
  DispatcherHealthIndicator,
  toHttpException,
} from '../../src/mounting/index.js';
import { Errno, errnoName, RpcException } from '../../src/sdk/index.js';
import { ServerProcess } from '../support/server-process.js';

let server: ServerProcess;
beforeAll(async () => {
  server = await ServerProcess.start({ dispatcher: { 'shipped-plugins': false } });
});
afterAll(() => server.stop());

const root = { kind: 'password', username: 'root', password: '' } as const;

@Controller()
class RowsController {
  constructor(
    private readonly dispatcher: DispatcherClient,
    private readonly health: DispatcherHealthIndicator,
  ) {}
  @Get('call/:method') call(@Param('method') method: string): Promise<unknown> {
    return this.dispatcher.call(method);
  }
  @Get('thrown/:code') thrown(@Param('code') code: string): void {
    throw new RpcException(Errno[code as keyof typeof Errno], 'as it is', { id: 7 });
  }
  @Get('health') isHealthy(): unknown {
    return this.health.isHealthy('bus');
  }
  @Get('broken') broken(): void {
    throw new Error('secret');
  }
}

let farewell: unknown;
@Injectable()
class Farewell implements OnModuleDestroy {
  constructor(private readonly dispatcher: DispatcherClient) {}
  async onModuleDestroy(): Promise<void> {
    farewell = await this.dispatcher.call('management.ping');
  }
}

function application(options: Parameters<typeof DispatcherClientModule.forRoot>[0]) {
  class Application {}
  Module({
    imports: [DispatcherClientModule.forRoot(options)],
    controllers: [RowsController],
    providers: [
      Farewell,
      DispatcherHealthIndicator,
      { provide: APP_FILTER, useClass: DispatcherExceptionFilter },
    ],
  })(Application);
  return NestFactory.create(Application, { logger: false, abortOnError: false });
}

describe('a Nest service that is a client of a dispatcher', () => {
  it('has a connected client, answers errors as statuses, and hangs up last', async () => {
    const app = await application({ url: server.url, login: root });
    await app.listen(0, '127.0.0.1');
    const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}/${path}`);
      return { status: response.status, text: await response.text() };
    };
    expect(await get('call/management.ping')).toEqual({ status: 200, text: 'pong' });
    const missing = await get('call/nothing.here');
    expect(missing.status).toBe(404);
    expect(JSON.parse(missing.text)).toMatchObject({
      error: 'ENOENT',
      message: 'Service nothing not found',
    });
    const statuses: readonly (readonly [Errno, number])[] = [
      [Errno.ENOENT, 404],
      [Errno.EACCES, 403],
      [Errno.EINVAL, 400],
      [Errno.EEXIST, 409],
      [Errno.EBUSY, 409],
      [Errno.EOPNOTSUPP, 501],
      [Errno.EFAULT, 500],
    ];
    for (const [code, status] of statuses) {
      const answer = await get(`thrown/${errnoName(code)}`);
      expect(answer.status).toBe(status);
      expect(JSON.parse(answer.text)).toMatchObject({ message: 'as it is', extra: { id: 7 } });
    }
    const broken = await get('broken');
    expect(broken.status).toBe(500);
    expect(broken.text).not.toContain('secret');
    expect(JSON.parse((await get('health')).text)).toEqual({ bus: { status: 'up' } });
    const client = app.get(DispatcherClient, { strict: false });
    await app.close();
    expect(farewell).toBe('pong');
    expect(client.state.kind).toBe('closed');
  });

  it('does not start without a dispatcher, nor with a login that is refused', async () => {
    const nobody = application({ url: 'ws://127.0.0.1:1/socket', login: root });
    await expect(nobody.then((app) => app.init())).rejects.toThrow('127.0.0.1:1');
    const refused = application({ url: server.url, login: { ...root, password: 'wrong' } });
    await expect(refused.then((app) => app.init())).rejects.toMatchObject({ code: Errno.EACCES });
  });

  it('starts all the same where it is to go on trying, and tells its health', async () => {
    const app = await application({ url: 'ws://127.0.0.1:1/socket', login: root, retry: true });
    await app.init();
    expect(app.get(DispatcherHealthIndicator).isHealthy()).toMatchObject({
      dispatcher: { status: 'down', message: expect.any(String) as string },
    });
    app.get(DispatcherClient, { strict: false }).close();
  });
});

it('what is no error of a dispatcher is left to Nest', () => {
  expect(toHttpException(new Error('x'))).toBeNull();
  expect(toHttpException(undefined)).toBeNull();
});
