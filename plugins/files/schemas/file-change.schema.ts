import { description } from 'dispatcher';
import { IsBoolean, IsIn, IsOptional, IsString } from 'class-validator';

const FILE_CHANGES = ['created', 'modified', 'removed', 'renamed', 'overflow'] as const;
export type FileChangeKind = (typeof FILE_CHANGES)[number];

@description(
  'What happened to a file or folder below a path of the configuration key "files.watch"',
)
export class FileChange {
  @description('Where it is now; where it was, when it was removed')
  @IsString()
  readonly path!: string;

  @description(
    'For "overflow" more happened at once than could be told apart: read what is below the path again',
  )
  @IsIn(FILE_CHANGES)
  readonly change!: FileChangeKind;

  @description('Where it was before it was renamed; null otherwise')
  @IsOptional()
  @IsString()
  readonly previous_path!: string | null;

  @IsBoolean()
  readonly is_directory!: boolean;
}
