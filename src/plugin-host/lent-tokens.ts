import type { INestApplicationContext, InjectionToken, Provider, Type } from '@nestjs/common';
import {
  PARAMTYPES_METADATA,
  PROPERTY_DEPS_METADATA,
  SELF_DECLARED_DEPS_METADATA,
} from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';

/** Under which names the host application lends its providers. */
export function tokensOf(providers: readonly Provider[]): ReadonlySet<InjectionToken> {
  return new Set(providers.map((entry) => (typeof entry === 'function' ? entry : entry.provide)));
}

/** The first of `tokens` that something of the plugin has injected; null when nothing has. */
export function lentToken(
  context: INestApplicationContext,
  tokens: ReadonlySet<InjectionToken>,
): InjectionToken | null {
  if (tokens.size === 0) return null;
  const modules = context.get(ModulesContainer, { strict: false });
  for (const { providers, injectables } of modules.values()) {
    for (const wrapper of [...providers.values(), ...injectables.values()]) {
      const needed = [
        ...(wrapper.getCtorMetadata() ?? []),
        ...(wrapper.getPropertiesMetadata() ?? []).map(({ wrapper: property }) => property),
      ];
      const lent = needed.find((dependency) => tokens.has(dependency?.token));
      if (lent !== undefined) return lent.token;
    }
  }
  return null;
}

/** As {@link lentToken}, of a class that no module lists. */
export function lentTokenOf(
  type: Type,
  tokens: ReadonlySet<InjectionToken>,
): InjectionToken | null {
  const read = <T>(key: string): readonly T[] => (Reflect.getMetadata(key, type) ?? []) as T[];
  const needed = [
    ...read<InjectionToken>(PARAMTYPES_METADATA),
    ...read<{ readonly param: InjectionToken }>(SELF_DECLARED_DEPS_METADATA).map(
      ({ param }) => param,
    ),
    ...read<{ readonly type: InjectionToken }>(PROPERTY_DEPS_METADATA).map(
      ({ type: token }) => token,
    ),
  ];
  return needed.find((token) => tokens.has(token)) ?? null;
}
