/** The measured method: takes a validated user and gives it back, so that nothing but the server's own work is timed. */
import { accepts, generator, h, Plugin, Provider, provider, returns } from 'dispatcher';
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

  /** Rows for whoever filters them on the other side. */
  @accepts(h.integer())
  @returns(h.array(h.any()))
  @generator()
  *rows(count: number): Generator<object> {
    for (let n = 0; n < count; n += 1) yield { n, name: `row ${n}`, group: n % 10 };
  }
}

@Plugin({ schemas: [User], providers: [BenchProvider] })
export default class BenchPlugin {}
