import {
  type DynamicModule,
  type INestApplicationContext,
  type Provider as NestProvider,
  type Type,
} from '@nestjs/common';
import * as nestCommon from '@nestjs/common';
import * as nestCore from '@nestjs/core';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import { shareModule } from './code/host-modules.js';
import { OUTERMOST } from './enhancers/outermost.js';

shareModule('@nestjs/common', nestCommon);
shareModule('@nestjs/core', nestCore);

class PluginRoot {}
/** What of the server is in the plugin's context. */
export class PluginBridge {}

const CONTAINER_WITNESS = Symbol('plugin-host:container');

export interface PluginContextOptions {
  /** The plugin's class, a Nest module. */
  readonly type: Type | DynamicModule;
  /** What of the server the plugin's classes have injected. */
  readonly bridged: readonly NestProvider[];
}

/**
 * Constructs a plugin's classes in a Nest context of their own, which can be closed and forgotten:
 * what the server's own context loads, it never frees.
 *
 * No logger is passed: Nest has one for the whole process, and it is the server's.
 */
export async function createPluginContext(
  options: PluginContextOptions,
): Promise<INestApplicationContext> {
  const seen: { container?: ModulesContainer } = {};
  const witness: NestProvider = {
    provide: CONTAINER_WITNESS,
    inject: [ModulesContainer],
    useFactory: (container: ModulesContainer) => (seen.container = container),
  };
  const providers = [...options.bridged];
  const bridge: DynamicModule = {
    module: PluginBridge,
    global: true,
    providers: [...providers, witness, ...OUTERMOST],
    exports: providers,
  };
  const root: DynamicModule = { module: PluginRoot, imports: [bridge, options.type] };
  try {
    return await NestFactory.createApplicationContext(root, { abortOnError: false });
  } catch (error) {
    if (seen.container !== undefined) await destroyInstances(seen.container);
    throw error;
  }
}

/**
 * When an init hook throws, Nest keeps the half-built context to itself, so that nobody could close
 * what the other hooks opened. Their destroy hooks are called by hand.
 */
async function destroyInstances(container: ModulesContainer): Promise<void> {
  for (const module of container.values()) {
    for (const { instance } of module.providers.values()) {
      if (hasDestroyHook(instance)) await Promise.resolve(instance.onModuleDestroy()).catch(noop);
    }
  }
}

function hasDestroyHook(instance: unknown): instance is { onModuleDestroy(): unknown } {
  return (
    typeof instance === 'object' &&
    instance !== null &&
    'onModuleDestroy' in instance &&
    typeof instance.onModuleDestroy === 'function'
  );
}

// The failure that led here is the one to report; a second one would only hide it.
const noop = (): void => undefined;
