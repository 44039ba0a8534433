import { IsArray, IsBoolean, IsInt, IsString } from 'class-validator';

/** The payload as a stock Nest application declares it; the same rules as in the bench's plugin. */
export class User {
  @IsString() username!: string;
  @IsInt() uid!: number;
  @IsString() full_name!: string;
  @IsArray() @IsString({ each: true }) groups!: string[];
  @IsBoolean() locked!: boolean;
}
