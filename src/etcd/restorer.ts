import { Injectable } from '@nestjs/common';

/** How the engine has files that drifted generated again: the one way back from the disk to rendering. */
@Injectable()
export class Restorer {
  restore: (names: readonly string[]) => Promise<unknown> = () => Promise.resolve();
}
