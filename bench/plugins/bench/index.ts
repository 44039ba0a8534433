/** The measured method: takes a validated user and gives it back, so that nothing but the server's own work is timed. */
import { accepts, Plugin, Provider, provider, returns } from 'dispatcher';
import { IsArray, IsBoolean, IsInt, IsString } from 'class-validator';

export class User {
  @IsString() username!: string;
  @IsInt() uid!: number;
  @IsString() full_name!: string;
  @IsArray() @IsString({ each: true }) groups!: string[];
  @IsBoolean() locked!: boolean;
}

@provider('bench')
export class BenchProvider extends Provider {
  @accepts(User)
  @returns(User)
  echo(user: User): User {
    return user;
  }
}

@Plugin({ schemas: [User], providers: [BenchProvider] })
export default class BenchPlugin {}
