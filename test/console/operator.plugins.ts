/** Plugins for what an operator does in the console. */
export const MAIL = `
import { description, InjectSettings, Password, Plugin, Provider, provider, accepts, returns, Settings, settings } from 'dispatcher';
import { IsBoolean, IsIn, IsInstance, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
@settings('mail') @description('How mail leaves the machine')
export class MailSettings {
  @description('Where it is handed in') @IsString() server = 'localhost';
  @description('Its port') @IsInt() @Min(1) @Max(65535) port = 25;
  @IsIn(['none', 'starttls', 'tls']) security = 'none';
  @IsBoolean() verbose = false;
  @IsOptional() @IsInstance(Password) password?: Password | null;
}
@provider('mail') export class MailProvider extends Provider {
  constructor(@InjectSettings(MailSettings) private readonly settings: Settings<MailSettings>) { super(); }
  @accepts() @returns(String) secret() { return this.settings.value.password?.reveal() ?? 'none'; }
}
@Plugin({ settings: [MailSettings], providers: [MailProvider], metadata: { version: '2.1.0', vendor: 'us' } })
export default class {}
`;

/** One class of a hundred settings, of a plugin of its own. */
export const manySettings = (n: number): string => `
import { Plugin, settings } from 'dispatcher';
import { IsInt } from 'class-validator';
@settings('many${n}') export class Many${n} {
${Array.from({ length: 100 }, (_, at) => `  @IsInt() field_${at} = ${at};`).join('\n')}
}
@Plugin({ settings: [Many${n}] }) export default class {}
`;

export const SHELF = `
import { accepts, Datastore, Plugin, Provider, provider, returns } from 'dispatcher';
@provider('shelf') export class ShelfProvider extends Provider {
  @accepts() @returns(null) fall(): null { throw new Error('the shelf fell down'); }
}
@Plugin({ providers: [ShelfProvider] }) export default class {
  constructor(private readonly datastore: Datastore) {}
  async init() {
    const { datastore } = this;
    await datastore.requireCollection('books');
    for (let n = 1; n <= 120; n += 1) {
      await datastore.upsert('books', n, { title: 'Book ' + n, pages: n * 10, lender: { name: n % 2 ? 'Ann' : 'Bob', password: 'hunter2' } });
    }
    await datastore.upsert('books', 999, { title: 'x'.repeat(1_000_000), pages: 5 });
  }
}
`;

export const BROKEN = `
import { Plugin } from 'dispatcher';
@Plugin({ depends: ['nothing-of-that-name'] }) export default class {}
`;
