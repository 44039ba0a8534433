/** The same method with a guard before it and without one. The guard looks at the caller, as one of a product would. */
import { type CanActivate, type ExecutionContext, Injectable, UseGuards } from '@nestjs/common';
import { IsArray, IsBoolean, IsInt, IsString } from 'class-validator';
import {
  accepts,
  DispatcherExecutionContext,
  Plugin,
  Provider,
  provider,
  returns,
} from 'dispatcher';

export class User {
  @IsString() username!: string;
  @IsInt() uid!: number;
  @IsString() full_name!: string;
  @IsArray() @IsString({ each: true }) groups!: string[];
  @IsBoolean() locked!: boolean;
}

@Injectable()
class Known implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return DispatcherExecutionContext.create(context).sender.user !== null;
  }
}

@provider('bench_guarded')
export class GuardedProvider extends Provider {
  @UseGuards(Known)
  @accepts(User)
  @returns(User)
  guarded(user: User): User {
    return user;
  }

  @accepts(User)
  @returns(User)
  free(user: User): User {
    return user;
  }
}

@Plugin({ providers: [GuardedProvider] })
export default class GuardedPlugin {}
