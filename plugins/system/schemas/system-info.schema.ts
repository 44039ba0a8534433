import { description } from 'dispatcher';
import { Type } from 'class-transformer';
import { IsDate, IsOptional, IsString, ValidateNested } from 'class-validator';

/** What `/etc/os-release` says about the distribution. */
export class SystemDistribution {
  @description('Lower-case identifier, for example "debian"')
  @IsString()
  readonly id!: string;

  @IsString()
  readonly name!: string;

  @description('Null for a rolling release')
  @IsOptional()
  @IsString()
  readonly version!: string | null;

  @IsOptional()
  @IsString()
  readonly codename!: string | null;
}

@description('Names of the host and of the operating system it runs')
export class SystemInfo {
  @IsString()
  readonly hostname!: string;

  @description('Full name with domain; null when the host does not know it without asking a server')
  @IsOptional()
  @IsString()
  readonly fqdn!: string | null;

  @description('Kind of operating system, for example "linux"')
  @IsString()
  readonly platform!: string;

  @IsOptional()
  @ValidateNested()
  @Type(() => SystemDistribution)
  readonly distribution!: SystemDistribution | null;

  @description('Release of the kernel')
  @IsString()
  readonly kernel!: string;

  @description('Instruction set as the kernel names it, for example "x86_64"')
  @IsString()
  readonly architecture!: string;

  @IsDate()
  readonly booted_at!: Date;

  @description('Name in the time zone database, for example "Europe/Prague"')
  @IsString()
  readonly timezone!: string;
}
