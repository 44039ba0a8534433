import { description, h, type Infer } from 'dispatcher';
import { IsBoolean, IsOptional, IsString, Matches, MaxLength } from 'class-validator';

/** The collection in the server's datastore; the name of a share is the id of its row. */
export const SHARES = 'nas_shares';

/** What tasks lock: all shares, and one of them, which lies below. */
export const ALL_SHARES = 'nas';
export const shareResource = (name: string): string => `share:${name}`;

/** Other plugins may say no to a share here. */
export const BEFORE_CREATE = 'nas.share.before_create';

export const shareName = h.string({ pattern: '^[a-z][a-z0-9-]{0,31}$' });

@description('A share that is to be made')
export class NewShare {
  @description('Its name, and that of its folder')
  @Matches(/^[a-z][a-z0-9-]{0,31}$/)
  name!: string;

  @IsOptional()
  @IsString()
  @MaxLength(200)
  comment?: string | null;

  @IsBoolean()
  read_only = false;
}

/** A row, as it is stored and as clients see it. */
export const SHARE_ROW = h.object({
  id: h.string(),
  comment: h.nullable(h.string()),
  read_only: h.boolean(),
  used_bytes: h.nullable(h.integer()),
  created_at: h.datetime(),
  updated_at: h.datetime(),
});
export type ShareRow = Infer<typeof SHARE_ROW>;
