import type { NetworkAddressChange } from '../schemas/network-changes.schema.js';
import type { NetworkAddress } from '../schemas/network-interface.schema.js';

/** Addresses by the name of their interface. */
export type AddressTable = ReadonlyMap<string, readonly NetworkAddress[]>;

/** Which addresses went and which came between two readings. */
export function addressChanges(before: AddressTable, after: AddressTable): NetworkAddressChange[] {
  return [
    ...missing(before, after).map((row) => ({ ...row, change: 'removed' as const })),
    ...missing(after, before).map((row) => ({ ...row, change: 'added' as const })),
  ];
}

type Row = Omit<NetworkAddressChange, 'change'>;

/** The rows of one table that the other does not have. */
function missing(table: AddressTable, other: AddressTable): Row[] {
  const known = new Set(rowsOf(other).map(keyOf));
  return rowsOf(table).filter((row) => !known.has(keyOf(row)));
}

function rowsOf(table: AddressTable): Row[] {
  return [...table].flatMap(([name, addresses]) =>
    addresses.map(({ family, address, prefix_length }) => ({
      interface: name,
      family,
      address,
      prefix_length,
    })),
  );
}

const keyOf = (row: Row): string => `${row.interface} ${row.address}/${row.prefix_length}`;
