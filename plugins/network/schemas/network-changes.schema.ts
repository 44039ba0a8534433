import { description } from 'dispatcher';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Min } from 'class-validator';
import {
  INTERFACE_STATES,
  type InterfaceState,
  NetworkAddress,
} from './network-interface.schema.js';

const LINK_CHANGES = ['added', 'removed', 'renamed', 'up', 'down', 'changed'] as const;
export type LinkChange = (typeof LINK_CHANGES)[number];

@description('What happened to a network interface')
export class NetworkLinkChange {
  @description('Name of the interface, after the change')
  @IsString()
  readonly interface!: string;

  @description("The kernel's number of the interface, which stays when it is renamed")
  @IsInt()
  @Min(1)
  readonly index!: number;

  @description('"changed" is for what has no word of its own: hardware address, size, bridge')
  @IsIn(LINK_CHANGES)
  readonly change!: LinkChange;

  @description('Where it was renamed; null otherwise')
  @IsOptional()
  @IsString()
  readonly previous_name!: string | null;

  @description('Whether it is switched on, whatever its state')
  @IsBoolean()
  readonly is_enabled!: boolean;

  @description('Operational state after the change; of a removed interface, the last one')
  @IsIn(INTERFACE_STATES)
  readonly state!: InterfaceState;

  @description('Hardware address; null for an interface without one')
  @IsOptional()
  @IsString()
  readonly mac!: string | null;

  @IsInt()
  @Min(0)
  readonly mtu_bytes!: number;

  @description('Name of the bridge or bond that it is a part of')
  @IsOptional()
  @IsString()
  readonly master!: string | null;
}

@description('An address that a network interface got or lost')
export class NetworkAddressChange extends NetworkAddress {
  @IsString()
  readonly interface!: string;

  @description('An interface that goes down loses its addresses, one that comes up gets them')
  @IsIn(['added', 'removed'])
  readonly change!: 'added' | 'removed';
}
