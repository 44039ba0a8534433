import { description, settings } from 'dispatcher';
import { IsInt, Matches, Min } from 'class-validator';

@settings('nas')
@description('What the shares have in common')
export class NasSettings {
  @description('The folder that the folders of the shares lie in')
  @Matches(/^\/[^/]/, { message: 'must be an absolute path below /' })
  root = '/srv/nas';

  @description('How many bytes a share may have before nas.share.full says so')
  @IsInt()
  @Min(1)
  limit_bytes = 10 * 2 ** 30;
}
