import type { Command, CommandGroup, OperandSpec } from '../command.js';

const etcdCommands = () => import('../etcd/etcd.commands.js');

const FILE: OperandSpec = { name: 'NAME', description: 'of the file, such as chrony/chrony.conf' };
const REVISION: OperandSpec = { name: 'N', description: 'the number of a content in its history' };
const SELECTED: OperandSpec = {
  name: 'NAME',
  description: 'of files, or group:NAME (default: all)',
  isOptional: true,
  isMultiple: true,
};

/** Of the process itself: no operands, nothing to print. */
const managing = (name: string, summary: string): Command => ({
  name,
  summary,
  talks: true,
  load: async () => (await etcdCommands()).manageEtcd,
});

export const ETCD: CommandGroup = {
  name: 'etcd',
  summary: 'Works on the configuration files that dispatcher-etcd writes',
  commands: [
    {
      name: 'files',
      summary: 'Lists the files, and what became of each',
      operands: [
        {
          name: 'FILTER',
          description: 'property, sign, value: state=drifted, name~=^ssh/',
          isOptional: true,
          isMultiple: true,
        },
      ],
      examples: ['dispatcherctl etcd files state=failed --select name,error'],
      talks: true,
      prints: true,
      load: async () => (await etcdCommands()).listFiles,
    },
    {
      name: 'groups',
      summary: 'Lists the groups, with the files that each comes to',
      talks: true,
      prints: true,
      load: async () => (await etcdCommands()).listGroups,
    },
    {
      name: 'plan',
      summary: 'Shows what generating would change, line by line; writes nothing',
      operands: [SELECTED],
      options: {
        'as-enabled': { description: 'files that are turned off as if they were on' },
      },
      details: 'Ends with status 7 when something would change, 1 when a file would fail.',
      examples: ['dispatcherctl etcd plan group:ntp', 'dispatcherctl etcd plan motd --as-enabled'],
      talks: true,
      prints: true,
      load: async () => (await etcdCommands()).planFiles,
    },
    {
      name: 'generate',
      summary: 'Renders files and puts them in place',
      operands: [SELECTED],
      options: {
        confirm: {
          value: 'SECONDS',
          description: 'take all of it back unless it is confirmed within that time',
        },
      },
      details: 'Files that would be as they are stay untouched. Prints what was done with each.',
      examples: ['dispatcherctl etcd generate ssh/sshd_config.d/50-dispatcher.conf --confirm 60'],
      talks: true,
      prints: true,
      load: async () => (await etcdCommands()).generateFiles,
    },
    {
      name: 'confirm',
      summary: 'Keeps a generation that would be taken back',
      operands: [{ name: 'ID', description: 'of the generation' }],
      talks: true,
      load: async () => (await etcdCommands()).confirmGeneration,
    },
    {
      name: 'verify',
      summary: 'Lists files that are not as they were written',
      operands: [SELECTED],
      details: 'Ends with status 7 when there are any.',
      talks: true,
      prints: true,
      load: async () => (await etcdCommands()).verifyFiles,
    },
    {
      name: 'explain',
      summary: 'Tells what a file is made of, and why it is as it is',
      operands: [FILE],
      talks: true,
      prints: true,
      load: async () => (await etcdCommands()).explainFile,
    },
    {
      name: 'restore',
      summary: 'Writes a file that somebody else changed as it should be',
      operands: [FILE],
      details: 'What was there is kept in its history.',
      talks: true,
      prints: true,
      load: async () => (await etcdCommands()).restoreFile,
    },
    {
      name: 'accept',
      summary: 'Takes what lies on the disk for right, until the next generation',
      operands: [FILE],
      talks: true,
      load: async () => (await etcdCommands()).acceptFile,
    },
    {
      name: 'history',
      summary: 'Lists the contents that a file had',
      operands: [FILE],
      talks: true,
      prints: true,
      load: async () => (await etcdCommands()).listRevisions,
    },
    {
      name: 'show',
      summary: 'Prints a content that a file had',
      operands: [FILE, REVISION],
      options: { reveal: { description: 'of a file with secrets as well; the server logs it' } },
      talks: true,
      load: async () => (await etcdCommands()).showRevision,
    },
    {
      name: 'rollback',
      summary: 'Puts a content that a file had back in place',
      operands: [FILE, REVISION],
      talks: true,
      prints: true,
      load: async () => (await etcdCommands()).rollbackFile,
    },
    {
      name: 'status',
      summary: 'Says how dispatcher-etcd does: root, files by state, errors of plugins',
      talks: true,
      prints: true,
      load: async () => (await etcdCommands()).showEtcdStatus,
    },
    managing('rescan', 'Makes it read plugin directories and their code again'),
    managing('pause', 'From now on files do not follow changes; calls are answered as ever'),
    managing('resume', 'Files follow changes again, and catch up'),
  ],
};
