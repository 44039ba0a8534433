import { Injectable } from '@nestjs/common';
import { JournalReader } from './journal.reader.js';
import { KmsgReader } from './kmsg.reader.js';
import { LogFileReader } from './log-file.reader.js';
import type { LogReader } from './log.reader.js';

const FILES = ['/var/log/syslog', '/var/log/messages'];

/** Chooses the log to follow: the kernel's, else the journal, else the file that syslog writes. */
@Injectable()
export class LogOpener {
  /** Null when none of them can be read. */
  async open(): Promise<LogReader | null> {
    return (
      (await KmsgReader.open()) ?? (await JournalReader.open()) ?? (await LogFileReader.open(FILES))
    );
  }
}
