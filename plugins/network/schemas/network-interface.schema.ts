import { description } from 'dispatcher';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';

const INTERFACE_TYPES = [
  'ethernet',
  'wireless',
  'loopback',
  'bridge',
  'bond',
  'vlan',
  'tunnel',
  'virtual',
  'other',
] as const;

/** The kernel's operational states (RFC 2863). */
export const INTERFACE_STATES = [
  'up',
  'down',
  'dormant',
  'testing',
  'lowerlayerdown',
  'notpresent',
  'unknown',
] as const;

export const ADDRESS_FAMILIES = ['ipv4', 'ipv6'] as const;

export type InterfaceType = (typeof INTERFACE_TYPES)[number];
export type InterfaceState = (typeof INTERFACE_STATES)[number];
export type AddressFamily = (typeof ADDRESS_FAMILIES)[number];

export class NetworkAddress {
  @IsIn(ADDRESS_FAMILIES)
  readonly family!: AddressFamily;

  @IsString()
  readonly address!: string;

  @IsInt()
  @Min(0)
  @Max(128)
  readonly prefix_length!: number;
}

@description('Counters since the interface appeared')
export class NetworkCounters {
  @IsInt()
  @Min(0)
  readonly bytes!: number;

  @IsInt()
  @Min(0)
  readonly packets!: number;

  @IsInt()
  @Min(0)
  readonly errors!: number;

  @IsInt()
  @Min(0)
  readonly dropped!: number;
}

@description('A network interface')
export class NetworkInterface {
  @IsString()
  readonly name!: string;

  @description("The kernel's number of the interface")
  @IsInt()
  @Min(1)
  readonly index!: number;

  @IsIn(INTERFACE_TYPES)
  readonly type!: InterfaceType;

  @description('Hardware address; null for an interface without one, such as loopback or a tunnel')
  @IsOptional()
  @IsString()
  readonly mac!: string | null;

  @IsInt()
  @Min(0)
  readonly mtu_bytes!: number;

  @description('Whether it was switched on, whatever its state')
  @IsBoolean()
  readonly is_enabled!: boolean;

  @description('Operational state; drivers without one, loopback among them, report "unknown"')
  @IsIn(INTERFACE_STATES)
  readonly state!: InterfaceState;

  @description('Null while there is no link, and for interfaces without a speed')
  @IsOptional()
  @IsInt()
  @Min(1)
  readonly speed_mbps!: number | null;

  @IsOptional()
  @IsIn(['half', 'full'])
  readonly duplex!: 'half' | 'full' | null;

  @description('Name of the bridge or bond that it is a part of')
  @IsOptional()
  @IsString()
  readonly master!: string | null;

  @description('Empty while the interface is not running')
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => NetworkAddress)
  readonly addresses!: readonly NetworkAddress[];

  @ValidateNested()
  @Type(() => NetworkCounters)
  readonly received!: NetworkCounters;

  @ValidateNested()
  @Type(() => NetworkCounters)
  readonly sent!: NetworkCounters;
}
