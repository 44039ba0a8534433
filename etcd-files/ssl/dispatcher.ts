import { description } from 'dispatcher';
import { fileSet, FileSetRenderer, type Secret } from 'dispatcher/etcd';

interface Certificate {
  readonly name: string;
  readonly certificate: string;
  readonly key: Secret | string;
}

/** Certificates with their keys, NAME.pem each; those whose rows are gone are removed. */
@description('Certificates and their keys')
@fileSet({
  groups: ['crypto'],
  enabled: { config: 'etc.certificates' },
  mode: '0600',
  directory: { mode: '0700' },
  sensitive: true,
  comment: null,
  validate: ['openssl', 'x509', '-noout', '-in', '{path}'],
})
export default class Certificates extends FileSetRenderer {
  override async render(): Promise<Record<string, string>> {
    const rows = await this.query<Certificate>('etc.certificates', [], { sort: 'name' });
    const files = await Promise.all(
      rows.map(async ({ name, certificate, key }) => {
        const text = [certificate.trimEnd(), (await this.reveal(key)).trimEnd(), ''].join('\n');
        return [`${name}.pem`, text] as const;
      }),
    );
    return Object.fromEntries(files);
  }
}
