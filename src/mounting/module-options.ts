import type { DynamicModule, InjectionToken, Type } from '@nestjs/common';

/** What a dispatcher inside another application is told. */
export interface ServerSettings {
  /**
   * What the configuration file would contain: sections with their keys as they are written there.
   * Checked when the application starts.
   */
  readonly configuration?: Readonly<Record<string, unknown>>;
  /** Where state is kept; the same folder as for a server of its own when it is not given. */
  readonly stateDirectory?: string;
  /**
   * Takes the log, one JSON object a line. Not given: lines become lines of the application's own
   * Nest log.
   */
  readonly log?: { write(line: string): void };
  /** What `management.shutdown` does. Not given: it stops the dispatcher, not the application. */
  readonly onShutdownRequested?: () => void;
}

interface Mounting {
  /** Modules whose providers are bridged. */
  readonly imports?: readonly (Type | DynamicModule)[];
  /**
   * Tokens of the application's providers that classes of plugins may have injected, under the same
   * token. They come from `imports` or from global modules.
   */
  readonly bridge?: readonly InjectionToken[];
  /** Makes {@link DispatcherServer} and `Dispatcher` injectable in every module; false. */
  readonly isGlobal?: boolean;
}

/** What `DispatcherModule.forRoot` takes. */
export interface ModuleOptions extends ServerSettings, Mounting {}

/** What `DispatcherModule.forRootAsync` takes: the settings come from a function with injection. */
export interface AsyncModuleOptions extends Mounting {
  readonly inject?: readonly InjectionToken[];
  readonly useFactory: (...dependencies: never[]) => ServerSettings | Promise<ServerSettings>;
}
