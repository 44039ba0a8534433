import type { CommandGroup, OperandSpec, OptionSpecs } from '../command.js';

const userCommands = () => import('../user/user.commands.js');
const NAME: OperandSpec = { name: 'NAME', description: 'of the user' };
const ROLE: OptionSpecs = {
  role: {
    value: 'ROLE',
    description: 'admin, operator, reader or a role of your own; may be given more than once',
    isMultiple: true,
    completes: ['admin', 'operator', 'reader'],
  },
};
const PASSWORD_STDIN: OptionSpecs = {
  'password-stdin': {
    description: 'read the new password from the first line of the standard input',
  },
};

export const USER: CommandGroup = {
  name: 'user',
  summary: 'Works on the users of the server',
  commands: [
    {
      name: 'list',
      summary: 'Lists users, without their passwords',
      talks: true,
      prints: true,
      load: async () => (await userCommands()).listUsers,
    },
    {
      name: 'add',
      summary: 'Adds a user; without a password it can log in on the server’s machine only',
      operands: [NAME],
      options: { ...ROLE, ...PASSWORD_STDIN },
      examples: ['echo "$SECRET" | dispatcherctl user add jane --role admin --password-stdin'],
      talks: true,
      load: async () => (await userCommands()).addUser,
    },
    {
      name: 'passwd',
      summary: 'Gives a user another password',
      operands: [NAME],
      options: PASSWORD_STDIN,
      details: 'On a terminal it is asked for.',
      talks: true,
      load: async () => (await userCommands()).changePassword,
    },
    {
      name: 'update',
      summary: 'Changes the roles of a user, or whether it may log in',
      operands: [NAME],
      options: {
        ...ROLE,
        lock: { description: 'it may not log in any more, and is logged out' },
        unlock: { description: 'it may log in again' },
      },
      talks: true,
      load: async () => (await userCommands()).changeUser,
    },
    {
      name: 'remove',
      summary: 'Removes a user and logs it out',
      operands: [NAME],
      talks: true,
      load: async () => (await userCommands()).removeUser,
    },
  ],
};

const apiKeyCommands = () => import('../api-key/api-key.commands.js');
const OF: OptionSpecs = {
  of: { value: 'USER', description: 'whose it is (default: yours; others’ are for admin)' },
};

export const API_KEY: CommandGroup = {
  name: 'api-key',
  summary: 'Makes keys for programs to log in with, and ends them',
  commands: [
    {
      name: 'create',
      summary: 'Makes an API key and prints it, this once',
      operands: [{ name: 'NAME', description: 'for people: what it is for' }],
      options: {
        ...OF,
        ...ROLE,
        'expires-in': { value: 'TIME', description: 'how long it is good for: 30d, 12h' },
      },
      examples: [
        'dispatcherctl api-key create backup --role operator --expires-in 90d > backup.key',
      ],
      talks: true,
      prints: true,
      load: async () => (await apiKeyCommands()).createApiKey,
    },
    {
      name: 'list',
      summary: 'Lists API keys with their last use',
      options: OF,
      talks: true,
      prints: true,
      load: async () => (await apiKeyCommands()).listApiKeys,
    },
    {
      name: 'revoke',
      summary: 'Ends an API key and everything that goes on by it',
      operands: [{ name: 'ID', description: 'as api-key list shows it' }],
      talks: true,
      load: async () => (await apiKeyCommands()).revokeApiKey,
    },
  ],
};

const settingsCommands = () => import('../settings/settings.commands.js');
const PREFIX: OperandSpec = {
  name: 'PREFIX',
  description: 'a key, or what keys begin with (default: all)',
  isOptional: true,
};

export const SETTINGS: CommandGroup = {
  name: 'settings',
  summary: 'Reads and changes what the plugins let people set',
  commands: [
    {
      name: 'get',
      summary: 'Prints the values',
      operands: [PREFIX],
      talks: true,
      prints: true,
      load: async () => (await settingsCommands()).getSettings,
    },
    {
      name: 'set',
      summary: 'Changes them, all or none',
      operands: [
        {
          name: 'KEY=VALUE',
          description: 'VALUE is JSON, or else text as it stands',
          isMultiple: true,
        },
      ],
      examples: [
        'dispatcherctl settings set mail.port=587 mail.server=mail.example.org',
        `dispatcherctl settings set 'files.roots=["/srv"]'`,
      ],
      talks: true,
      load: async () => (await settingsCommands()).setSettings,
    },
    {
      name: 'reset',
      summary: 'Gives them their defaults back, all or none',
      operands: [{ name: 'KEY', description: 'of a setting', isMultiple: true }],
      talks: true,
      load: async () => (await settingsCommands()).resetSettings,
    },
    {
      name: 'describe',
      summary: 'Says what each is for, what it may be, its default, who may change it',
      operands: [PREFIX],
      talks: true,
      prints: true,
      load: async () => (await settingsCommands()).describeSettings,
    },
  ],
};

const scheduleCommands = () => import('../schedule/schedule.commands.js');
const SCHEDULE_ID: OperandSpec = { name: 'ID', description: 'as schedule list shows it' };

export const SCHEDULE: CommandGroup = {
  name: 'schedule',
  summary: 'Runs tasks at times',
  commands: [
    {
      name: 'list',
      summary: 'Lists schedules',
      talks: true,
      prints: true,
      load: async () => (await scheduleCommands()).listSchedules,
    },
    {
      name: 'show',
      summary: 'Shows all there is to know of a schedule',
      operands: [SCHEDULE_ID],
      talks: true,
      prints: true,
      load: async () => (await scheduleCommands()).showSchedule,
    },
    {
      name: 'create',
      summary: 'Makes a schedule, and prints its number',
      operands: [
        { name: 'NAME', description: 'for people' },
        { name: 'CRON', description: 'minute hour day month weekday, in quotes' },
        { name: 'TASK', description: 'what is submitted', completes: 'task' },
        {
          name: 'ARG',
          description: 'of the task, written as for submit',
          isOptional: true,
          isMultiple: true,
        },
      ],
      options: {
        timezone: { value: 'ZONE', description: 'such as Europe/Berlin (default: UTC)' },
        'catch-up': {
          value: 'HOW',
          description: 'times that passed while the server did not run: once or none',
          completes: ['once', 'none'],
        },
        overlap: {
          value: 'HOW',
          description: 'a time at which the last run still goes on: skip or queue',
          completes: ['skip', 'queue'],
        },
        jitter: { value: 'SECONDS', description: 'how late a run may be' },
        disabled: { description: 'it begins with schedule enable' },
      },
      examples: [
        `dispatcherctl schedule create nightly '0 2 * * *' files.checksum source=/etc --timezone Europe/Berlin`,
      ],
      talks: true,
      prints: true,
      load: async () => (await scheduleCommands()).createSchedule,
    },
    {
      name: 'update',
      summary: 'Changes a schedule',
      operands: [
        SCHEDULE_ID,
        { name: 'KEY=VALUE', description: 'what changes, such as enabled=no', isMultiple: true },
      ],
      talks: true,
      load: async () => (await scheduleCommands()).updateSchedule,
    },
    {
      name: 'enable',
      summary: 'Lets a schedule run',
      operands: [SCHEDULE_ID],
      talks: true,
      load: async () => (await scheduleCommands()).switchSchedule,
    },
    {
      name: 'disable',
      summary: 'Keeps a schedule from running',
      operands: [SCHEDULE_ID],
      talks: true,
      load: async () => (await scheduleCommands()).switchSchedule,
    },
    {
      name: 'run',
      summary: 'Submits the task of a schedule now, and prints the number of the task',
      operands: [SCHEDULE_ID],
      talks: true,
      prints: true,
      load: async () => (await scheduleCommands()).runSchedule,
    },
    {
      name: 'preview',
      summary: 'Prints the next times of a line of cron',
      operands: [
        { name: 'CRON', description: 'minute hour day month weekday, in quotes' },
        { name: 'ZONE', description: 'such as Europe/Berlin (default: UTC)', isOptional: true },
        { name: 'COUNT', description: 'how many (default: 5)', isOptional: true },
      ],
      talks: true,
      prints: true,
      load: async () => (await scheduleCommands()).previewSchedule,
    },
    {
      name: 'remove',
      summary: 'Removes a schedule; a task that it has submitted goes on',
      operands: [SCHEDULE_ID],
      talks: true,
      load: async () => (await scheduleCommands()).removeSchedule,
    },
  ],
};
