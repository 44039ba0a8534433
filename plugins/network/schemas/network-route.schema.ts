import { description } from 'dispatcher';
import { IsIn, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { ADDRESS_FAMILIES, type AddressFamily } from './network-interface.schema.js';

const ROUTE_TYPES = ['unicast', 'unreachable'] as const;

export type RouteType = (typeof ROUTE_TYPES)[number];

@description('A route of the main table')
export class NetworkRoute {
  @IsIn(ADDRESS_FAMILIES)
  readonly family!: AddressFamily;

  @description('Packets to an unreachable destination are refused by the host itself')
  @IsIn(ROUTE_TYPES)
  readonly type!: RouteType;

  @description('Network address; "0.0.0.0" or "::" with prefix length 0 is the default route')
  @IsString()
  readonly destination!: string;

  @IsInt()
  @Min(0)
  @Max(128)
  readonly prefix_length!: number;

  @description('Null when the destination is on the link itself')
  @IsOptional()
  @IsString()
  readonly gateway!: string | null;

  @description('Null for an unreachable destination')
  @IsOptional()
  @IsString()
  readonly interface!: string | null;

  @description('Among routes to the same destination the lowest is used')
  @IsInt()
  @Min(0)
  readonly metric!: number;
}
