import type { Type } from '@nestjs/common';

/** Makes an instance of a class with the plugin's own dependency injection. */
export type Construct = <T>(type: Type<T>) => Promise<T>;
