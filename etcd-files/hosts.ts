import { isIP } from 'node:net';
import { description } from 'dispatcher';
import { file, FileRenderer } from 'dispatcher/etcd';

interface Host {
  readonly address: string;
  readonly names: readonly string[];
}

/** What every machine has, as Debian's installer writes it. */
const LOCAL: readonly Host[] = [
  { address: '127.0.0.1', names: ['localhost'] },
  { address: '::1', names: ['localhost', 'ip6-localhost', 'ip6-loopback'] },
  { address: 'ff02::1', names: ['ip6-allnodes'] },
  { address: 'ff02::2', names: ['ip6-allrouters'] },
];
const NAME = /^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$/;

/** /etc/hosts from the rows of etc.host, with the machine itself. */
@description('Names of machines that no name server is asked for')
@file({
  groups: ['network'],
  enabled: { config: 'etc.hosts' },
})
export default class Hosts extends FileRenderer {
  override async render(): Promise<string> {
    const rows = await this.query<Host>('etc.hosts', [], { sort: 'address' });
    const own: Host = { address: '127.0.1.1', names: [this.facts.hostname] };
    const hosts = [...LOCAL, own, ...rows];
    return `${this.lines(hosts.map(lineOf))}\n`;
  }
}

function lineOf({ address, names }: Host): string {
  if (isIP(address) === 0) throw new Error(`${JSON.stringify(address)} is no address`);
  const wrong = names.find((name) => !NAME.test(name));
  if (wrong !== undefined) throw new Error(`${JSON.stringify(wrong)} is no name of a machine`);
  return `${address}\t${names.join(' ')}`;
}
