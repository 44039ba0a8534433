import type { Type } from '@nestjs/common';
import type { ArgumentsValidator, ValueValidator } from '../schema/index.js';
import type { Task, TaskOptions } from '../sdk/index.js';

/** A task class as its plugin registered it. */
export interface TaskHandler {
  readonly name: string;
  readonly owner: string;
  readonly type: Type<Task>;
  readonly description: string | null;
  readonly options: TaskOptions;
  readonly isPrivate: boolean;
  readonly roles: readonly string[];
  readonly argumentsValidator: ArgumentsValidator | null;
  readonly resultValidator: ValueValidator | null;
}
