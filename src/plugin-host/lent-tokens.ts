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
        ...known(wrapper.getCtorMetadata()),
        ...known(wrapper.getPropertiesMetadata()).map(({ wrapper: property }) => property),
      ];
      const lent = needed.find(({ token }) => tokens.has(token));
      if (lent !== undefined) return lent.token;
    }
  }
  return null;
}

/** Nest has neither for a value, and holes where nothing was found: its types say otherwise. */
function known<T>(found: readonly (T | undefined)[] | undefined): T[] {
  return (found ?? []).filter((one) => one !== undefined);
}

/** As {@link lentToken}, of a class that no module lists. */
export function lentTokenOf(
  type: Type,
  tokens: ReadonlySet<InjectionToken>,
): InjectionToken | null {
  const read = (key: string): unknown => Reflect.getMetadata(key, type) ?? [];
  const parameters = read(PARAMTYPES_METADATA) as readonly InjectionToken[];
  const named = read(SELF_DECLARED_DEPS_METADATA) as readonly { readonly param: InjectionToken }[];
  const properties = read(PROPERTY_DEPS_METADATA) as readonly { readonly type: InjectionToken }[];
  const needed = [
    ...parameters,
    ...named.map(({ param }) => param),
    ...properties.map((property) => property.type),
  ];
  return needed.find((token) => tokens.has(token)) ?? null;
}
