import { type Context, type Emitter, IncludeTag, type Liquid, RenderTag } from 'liquidjs';

/** How deep templates that are being rendered lie in each other. */
export class IncludeDepth {
  #depth = 0;

  constructor(private readonly limit: number) {}

  reset(): void {
    this.#depth = 0;
  }

  /** @throws Error past the limit: templates that include each other would never end */
  *within<T>(
    name: string,
    work: () => Iterator<unknown, T, unknown>,
  ): Generator<unknown, T, unknown> {
    this.#depth += 1;
    try {
      if (this.#depth > this.limit) {
        throw new Error(`${name}: templates include each other more than ${this.limit} times deep`);
      }
      const steps = work();
      let step = steps.next();
      while (step.done !== true) step = steps.next(yield step.value);
      return step.value;
    } finally {
      this.#depth -= 1;
    }
  }
}

/** Replaces the tags by which templates include others with ones that know how deep they are. */
export function boundIncludes(liquid: Liquid, depth: IncludeDepth): void {
  class BoundedRender extends RenderTag {
    override *render(context: Context, emitter: Emitter): Generator<unknown, void, unknown> {
      yield* depth.within('render', () => super.render(context, emitter));
    }
  }
  class BoundedInclude extends IncludeTag {
    override *render(context: Context, emitter: Emitter): Generator<unknown, void, unknown> {
      yield* depth.within('include', () => super.render(context, emitter));
    }
  }
  liquid.registerTag('render', BoundedRender);
  liquid.registerTag('include', BoundedInclude);
}
