import { basename } from 'node:path';
import type { NetworkLinkChange } from '../schemas/network-changes.schema.js';
import { interfaceState, isSwitchedOn, macAddress } from './interface-files.js';
import { readLink, readNames, readText } from './kernel-files.js';

const FOLDER = '/sys/class/net';

/** What a change of an interface is told from: less than a query answers, hence read faster. */
export type Link = Omit<NetworkLinkChange, 'change' | 'previous_name'>;

/** Reads all interfaces; those that leave meanwhile are not in the list. */
export async function readLinks(): Promise<readonly Link[]> {
  const links = await Promise.all((await readNames(FOLDER)).map(readOne));
  return links.filter((link) => link !== null);
}

async function readOne(name: string): Promise<Link | null> {
  const read = (file: string): Promise<string | null> => readText(`${FOLDER}/${name}/${file}`);
  const [index, flags, state, mac, mtu, master] = await Promise.all([
    read('ifindex'),
    read('flags'),
    read('operstate'),
    read('address'),
    read('mtu'),
    readLink(`${FOLDER}/${name}/master`),
  ]);
  // The folder also has plain files, and an interface may leave between two of the readings
  if (index === null || flags === null || state === null || mtu === null) return null;
  return {
    interface: name,
    index: Number(index),
    is_enabled: isSwitchedOn(flags),
    state: interfaceState(state),
    mac: macAddress(mac),
    mtu_bytes: Number(mtu),
    master: master === null ? null : basename(master),
  };
}
