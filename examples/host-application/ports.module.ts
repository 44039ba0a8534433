import { Injectable, Module } from '@nestjs/common';

/** Where the application has its settings from; `@nestjs/config` would be as good. */
@Injectable()
export class Ports {
  readonly http = Number(process.env['PORT'] ?? 3_000);
  readonly dispatcher = Number(process.env['DISPATCHER_PORT'] ?? 5_000);
}

@Module({ providers: [Ports], exports: [Ports] })
export class PortsModule {}
