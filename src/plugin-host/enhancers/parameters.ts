import type { Type } from '@nestjs/common';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { ParamsFactory } from '@nestjs/core/helpers/external-context-creator.js';
import type { MethodShape } from '../../rpc/index.js';
import { customKey, decoratedParameters, type ParameterMetadata } from './enhancer-kinds.js';

/** Under which Nest finds what the parameters of a method are. */
export const PARAMETERS = '__dispatcherParameters__';

interface ArgumentsHost {
  getArgByIndex(index: number): unknown;
}

/**
 * Describes the parameters of a method to Nest, so that pipes see the arguments: each as a `body`
 * with its name, as that of a gateway; the caller and the signal as what a decorator has made.
 * Returns where their values are.
 */
export function describeParameters(type: Type, shape: MethodShape): ParamsFactory {
  const { key, argumentCount, parameterNames, filledIndexes } = shape;
  const described: Record<string, ParameterMetadata> = { ...decoratedParameters(type, key) };
  const taken = new Set(Object.values(described).map(({ index }) => index));
  const indexes = new Map<unknown, number>();
  for (let index = 0; index < argumentCount; index += 1) {
    if (taken.has(index)) continue;
    const name = parameterNames?.[index] ?? String(index);
    indexes.set(name, index);
    described[`${RouteParamtypes.BODY}:${index}`] = { index, data: name, pipes: [] };
  }
  for (const index of filledIndexes) {
    const factory = (_: unknown, context: ArgumentsHost): unknown => context.getArgByIndex(index);
    described[`${customKey('dispatcher')}:${index}`] = { index, factory, pipes: [] };
  }
  Reflect.defineMetadata(PARAMETERS, described, type, key);
  return {
    exchangeKeyForValue: (_, name, args: readonly unknown[]): unknown =>
      args[indexes.get(name) ?? -1],
  };
}
