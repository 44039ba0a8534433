/**
 * What TypeScript says about decorators and parameters. Nothing here runs: `npm run typecheck` fails
 * when a line that must be refused is accepted (an unused @ts-expect-error) or the other way round.
 */
/* eslint-disable @typescript-eslint/no-unused-vars, @typescript-eslint/no-mixed-enums, @typescript-eslint/no-unnecessary-type-parameters -- only types matter here */
import {
  accepts,
  h,
  type Infer,
  type JsonSchema,
  Password,
  Provider,
  returns,
  type Sender,
  Task,
} from 'dispatcher';

class User {
  username!: string;
  uid?: number;
}

enum Color {
  Red,
  Blue = 'blue',
}

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <T extends true>(proof?: T): T | undefined => proof;

// Inference
const disk = h.object({ name: String, size: h.integer(), label: h.optional(String) });
same<Equal<Infer<typeof disk>, { name: string; size: number; label?: string }>>();
same<Equal<Infer<StringConstructor>, string>>();
same<Equal<Infer<typeof User>, User>>();
same<Equal<Infer<null>, null>>();
const color = h.enumOf(Color);
same<[Infer<typeof color>, Color] extends [Color, Infer<typeof color>] ? true : false>();
const mode = h.enumOf(['a', 'b']);
same<Equal<Infer<typeof mode>, 'a' | 'b'>>();
const pair = h.tuple(String, h.nullable(User));
same<Equal<Infer<typeof pair>, [string, User | null]>>();
const either = h.oneOf(String, h.array(User));
same<Equal<Infer<typeof either>, string | User[]>>();
const both = h.allOf(User, h.required('uid'));
same<Equal<Infer<typeof both>, User>>();
const when = h.datetime();
same<Equal<Infer<typeof when>, Date>>();
const large = h.long();
same<Equal<Infer<typeof large>, bigint>>();
// @ts-expect-error -- a default must be of the schema's type
h.integer({ default: 'ten' });

const literal: JsonSchema = { type: 'string' };

export class Accepted extends Provider {
  @accepts(String, Number, Boolean, null)
  scalars(_a: string, _b: number, _c: boolean, _d: null) {}

  @accepts(User, h.optional(h.integer()))
  withOptional(_user: User, _limit?: number) {}

  @accepts(h.array(User), h.nullable(String))
  wider(_users: readonly User[], _name: string | null | undefined) {}

  @accepts({ type: 'string' }, literal, h.any(), h.ref('Disk'))
  unchecked(_a: string, _b: number, _c: User, _d: { name: string }) {}

  @accepts(h.ref<User>('User'), h.password(), h.datetime(), h.binary())
  special(_user: User, _secret: Password, _when: Date, _data: Uint8Array) {}

  @accepts(Object, Array)
  loose(_object: { readonly deep: true }, _array: string[]) {}

  @accepts(h.object({ name: String, size: h.optional(Number) }))
  structural(_disk: { name: string; size?: number }) {}

  @accepts(String)
  injected(_name: string, _sender: Sender, _signal: AbortSignal) {}

  @accepts(String)
  optionalSender(_name: string, _sender?: Sender) {}

  @accepts()
  nothing() {}

  @accepts(String, Number)
  rest(..._all: (string | number)[]) {}

  @accepts(String)
  async asynchronous(_name: string): Promise<void> {
    await Promise.resolve();
  }
}

export class Refused extends Provider {
  // @ts-expect-error -- the schema admits strings
  @accepts(String)
  wrongType(_a: number) {}

  // @ts-expect-error -- the second parameter has no schema
  @accepts(String)
  tooMany(_a: string, _b: number) {}

  // @ts-expect-error -- nor has an optional one
  @accepts(String)
  tooManyOptional(_a: string, _b?: number) {}

  // @ts-expect-error -- there is no parameter for the second schema
  @accepts(String, Number)
  tooFew(_a: string) {}

  // @ts-expect-error -- the argument may be null
  @accepts(h.nullable(User))
  nullable(_user: User) {}

  // @ts-expect-error -- the argument may be absent
  @accepts(h.optional(String))
  absent(_name: string) {}

  // @ts-expect-error -- elements are strings
  @accepts(h.array(String))
  elements(_names: number[]) {}

  // @ts-expect-error -- size may be absent
  @accepts(h.object({ size: h.optional(Number) }))
  property(_disk: { size: number }) {}

  // @ts-expect-error -- an object is no string
  @accepts(Object)
  object(_a: string) {}

  // @ts-expect-error -- uid is missing
  @accepts(h.object({ username: String }))
  missing(_user: { username: string; uid: number }) {}

  // @ts-expect-error -- a password is opaque, no string
  @accepts(h.password())
  password(_secret: string) {}

  // @ts-expect-error -- an untyped parameter without schema is not injected
  @accepts()
  untyped(_a: any) {} // eslint-disable-line @typescript-eslint/no-explicit-any -- the point of the test

  // @ts-expect-error -- not a value of the enumeration
  @accepts(h.enumOf(['on', 'off']))
  choice(_state: 'on') {}
}

export class Returned extends Provider {
  @returns(String)
  plain() {
    return 'x';
  }

  @returns(h.nullable(User))
  async found(): Promise<User | null> {
    return Promise.resolve(null);
  }

  @returns(null)
  nothing() {}

  @returns(null)
  async later(): Promise<void> {
    await Promise.resolve();
  }

  @returns(h.nullable(User))
  maybe(): User | undefined {
    return undefined;
  }

  @returns(h.array(User))
  list(): readonly User[] {
    return [];
  }

  @returns(h.array(User))
  *generated(): Generator<User> {
    yield new User();
  }

  @returns(h.array(User))
  async *streamed(): AsyncGenerator<User> {
    yield await Promise.resolve(new User());
  }

  @returns(h.object({ names: h.array(String) }))
  nested(): { readonly names: readonly string[] } {
    return { names: [] };
  }

  @returns({ type: 'integer' })
  literal() {
    return 1;
  }

  @returns(Object)
  instance() {
    return new User();
  }

  @returns(h.any())
  whatever(): unknown {
    return 1;
  }
}

export class NotReturned extends Provider {
  // @ts-expect-error -- a number is no string
  @returns(String)
  wrong() {
    return 1;
  }

  // @ts-expect-error -- may be null
  @returns(User)
  async nullable(): Promise<User | null> {
    return Promise.resolve(null);
  }

  // @ts-expect-error -- elements are numbers
  @returns(h.array(String))
  *elements(): Generator<number> {
    yield 1;
  }

  // @ts-expect-error -- a string is no list of strings
  @returns(h.array(String))
  text() {
    return 'abc';
  }

  // @ts-expect-error -- returns nothing
  @returns(User)
  nothing() {}

  // @ts-expect-error -- unknown is not known to be a user
  @returns(User)
  unknown(): unknown {
    return {};
  }
}

@accepts(User)
@returns(Number)
export class GoodTask extends Task {
  verify() {
    return ['system'];
  }
  async run(user: User) {
    return Promise.resolve(user.uid ?? 0);
  }
}

// @ts-expect-error -- run takes a number
@accepts(User)
export class WrongArguments extends Task {
  verify() {
    return [];
  }
  run(_id: number) {}
}

// @ts-expect-error -- run returns a string
@returns(Number)
export class WrongResult extends Task {
  verify() {
    return [];
  }
  run() {
    return 'x';
  }
}

// @ts-expect-error -- neither a method nor a task class
@accepts(String)
export class NoTask {}
