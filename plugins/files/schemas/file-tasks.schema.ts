import { description } from 'dispatcher';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  Min,
} from 'class-validator';

/** As long as the kernel takes them, absolute, and without the one character that no path has. */
const ABSOLUTE = /^\/[^\0]*$/;
const MAX_PATH = 4096;

const CHECKSUM_ALGORITHMS = ['sha256', 'sha512', 'sha1', 'md5', 'blake2b512'] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

const ARCHIVE_FORMATS = ['tar', 'tar.gz'] as const;
export type ArchiveFormat = (typeof ARCHIVE_FORMATS)[number];

const BACKUP_METHODS = ['copy', 'archive'] as const;
export type BackupMethod = (typeof BACKUP_METHODS)[number];

@description('A file or tree to be read')
class FileTreeSource {
  @description('Absolute path of a file or folder; a symbolic link is taken as such')
  @IsString()
  @MaxLength(MAX_PATH)
  @Matches(ABSOLUTE)
  readonly source!: string;

  @description(
    'Whether to go into what is mounted below the source; by default a folder where something is mounted counts as empty',
  )
  @IsOptional()
  @IsBoolean()
  readonly cross_file_systems?: boolean | null;
}

@description('What to copy, and to where')
export class FileCopy extends FileTreeSource {
  @description(
    'Absolute path that the copy is to have; nothing may be there, and its folder must be',
  )
  @IsString()
  @MaxLength(MAX_PATH)
  @Matches(ABSOLUTE)
  readonly destination!: string;
}

@description('What to archive, and to where')
export class FileArchive extends FileCopy {
  @description(
    'By default what the name of the destination says: "tar.gz" unless it ends in ".tar"',
  )
  @IsOptional()
  @IsIn(ARCHIVE_FORMATS)
  readonly format?: ArchiveFormat | null;
}

@description('What to compute a checksum of')
export class FileChecksum extends FileTreeSource {
  @description('Default "sha256"')
  @IsOptional()
  @IsIn(CHECKSUM_ALGORITHMS)
  readonly algorithm?: ChecksumAlgorithm | null;

  @description('The digest it has to have, in hexadecimal digits; with another one the task fails')
  @IsOptional()
  @Matches(/^[0-9A-Fa-f]{32,128}$/)
  readonly expected?: string | null;
}

@description('What to back up, and to where')
export class FileBackup extends FileCopy {
  @description(
    'A plain copy, or one archive (as a ".tar" or compressed, by its name); default "copy"',
  )
  @IsOptional()
  @IsIn(BACKUP_METHODS)
  readonly method?: BackupMethod | null;

  @description('Of the checksums; default "sha256"')
  @IsOptional()
  @IsIn(CHECKSUM_ALGORITHMS)
  readonly algorithm?: ChecksumAlgorithm | null;
}

@description('What was found in a tree')
export class FileTotals {
  @description('Bytes of the contents of the files')
  @IsInt()
  @Min(0)
  readonly bytes!: number;

  @IsInt()
  @Min(0)
  readonly files!: number;

  @IsInt()
  @Min(0)
  readonly directories!: number;

  @description('Symbolic links')
  @IsInt()
  @Min(0)
  readonly links!: number;

  @description('Sockets, pipes and devices, and what vanished meanwhile: a warning tells of each')
  @IsInt()
  @Min(0)
  readonly skipped!: number;
}

@description('What was copied')
export class FileMade extends FileTotals {
  @description(
    'Which file or folder was made: device, number and time of birth. A rollback removes no other',
  )
  @IsString()
  readonly made!: string;
}

@description('A checksum of a file or tree')
export class FileDigest extends FileTotals {
  @IsIn(CHECKSUM_ALGORITHMS)
  readonly algorithm!: ChecksumAlgorithm;

  @description(
    'In hexadecimal digits. Of a file, that of its content. Of a tree, that of a record for each entry, in the order of a walk by the bytes of the names: "f", "d" or "l", a space, the path below the source, NUL, the digest of a file or the target of a link, NUL',
  )
  @IsString()
  readonly digest!: string;
}

@description('An archive that was made')
export class FileArchived extends FileMade {
  @description('Size of the archive')
  @IsInt()
  @Min(0)
  readonly archive_bytes!: number;
}

@description('A backup that was made')
export class FileBackedUp extends FileDigest {
  @description('Checksum of the archive; null for a copy, whose checksum is that of the source')
  @IsOptional()
  @IsString()
  readonly archive_digest!: string | null;

  @description('Which file or folder was made: see FileMade')
  @IsString()
  readonly made!: string;
}
