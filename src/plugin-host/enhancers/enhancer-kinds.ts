import {
  CUSTOM_ROUTE_ARGS_METADATA,
  EXCEPTION_FILTERS_METADATA,
  GUARDS_METADATA,
  INTERCEPTORS_METADATA,
  PIPES_METADATA,
  ROUTE_ARGS_METADATA,
} from '@nestjs/common/constants.js';
import {
  APP_FILTER,
  APP_GUARD,
  APP_INTERCEPTOR,
  APP_PIPE,
  type ModulesContainer,
} from '@nestjs/core';

export type EnhancerKind = 'guards' | 'interceptors' | 'pipes' | 'filters';

interface Marks {
  /** Where the decorator leaves what it was given. */
  readonly metadata: string;
  readonly decorator: string;
  /** The token of those that count for the whole plugin. */
  readonly globalToken: string;
}

export const ENHANCERS: Readonly<Record<EnhancerKind, Marks>> = {
  guards: { metadata: GUARDS_METADATA, decorator: '@UseGuards', globalToken: APP_GUARD },
  interceptors: {
    metadata: INTERCEPTORS_METADATA,
    decorator: '@UseInterceptors',
    globalToken: APP_INTERCEPTOR,
  },
  pipes: { metadata: PIPES_METADATA, decorator: '@UsePipes', globalToken: APP_PIPE },
  filters: {
    metadata: EXCEPTION_FILTERS_METADATA,
    decorator: '@UseFilters',
    globalToken: APP_FILTER,
  },
};

export const KINDS = Object.keys(ENHANCERS) as readonly EnhancerKind[];

/** What was given to the decorator of that kind on a class or a method. */
export function enhancersOn(target: object, kind: EnhancerKind): readonly unknown[] {
  return (Reflect.getMetadata(ENHANCERS[kind].metadata, target) ?? []) as readonly unknown[];
}

/**
 * The kinds that modules of a plugin provide for everything in it (`APP_GUARD` and its like).
 *
 * @param ignored - a module whose own do not count
 * @throws Error for one that is made anew for each request: there is none
 */
export function globalKinds(modules: ModulesContainer, ignored: object): ReadonlySet<EnhancerKind> {
  const counted = [...modules.values()].filter(({ metatype }) => metatype !== ignored);
  const scoped = kindsAmong(counted.flatMap(({ injectables }) => [...injectables.keys()]));
  const [kind] = scoped;
  if (kind !== undefined) {
    throw new Error(
      `${ENHANCERS[kind].globalToken} of scope REQUEST or TRANSIENT would not be run: make it a singleton`,
    );
  }
  return kindsAmong(counted.flatMap(({ providers }) => [...providers.keys()]));
}

/** Nest gives each of them a token of its own, which begins with the one that was written. */
function kindsAmong(tokens: readonly unknown[]): Set<EnhancerKind> {
  const texts = tokens.filter((token) => typeof token === 'string');
  return new Set(
    KINDS.filter((kind) =>
      texts.some((token) => token.startsWith(`${ENHANCERS[kind].globalToken} (`)),
    ),
  );
}

/** A parameter that `createParamDecorator` made something of, as Nest keeps it. */
export interface ParameterMetadata {
  readonly index: number;
  readonly data?: unknown;
  readonly pipes: readonly unknown[];
  readonly factory?: (data: unknown, context: never) => unknown;
}

/** The parameters of a method that have a decorator of Nest's kind, by Nest's keys for them. */
export function decoratedParameters(
  type: object,
  method: string,
): Readonly<Record<string, ParameterMetadata>> {
  return (Reflect.getMetadata(ROUTE_ARGS_METADATA, type, method) ?? {}) as Record<
    string,
    ParameterMetadata
  >;
}

/** Those of `createParamDecorator`, which work here; the others (`@Body`) mean a request. */
export const isCustomParameter = (key: string): boolean => key.includes(CUSTOM_ROUTE_ARGS_METADATA);

export const customKey = (name: string): string => `${name}${CUSTOM_ROUTE_ARGS_METADATA}`;
