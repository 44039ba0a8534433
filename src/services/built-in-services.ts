import type { Type } from '@nestjs/common';
import { AccountService } from './account.service.js';
import { ClusterService } from './cluster/cluster.service.js';
import { DatastoreService } from './datastore.service.js';
import { DiscoveryService } from './discovery.service.js';
import { EventService } from './event.service.js';
import { LockService } from './lock.service.js';
import { LogService } from './log.service.js';
import { ManagementService } from './management.service.js';
import { PluginService } from './plugin.service.js';
import { RoleService } from './role.service.js';
import { ScheduleService } from './schedule.service.js';
import { SessionService } from './session.service.js';
import { SettingsService } from './settings.service.js';
import { TaskService } from './task.service.js';

/** Every service of the server itself, in the order in which they are registered. */
export const BUILT_IN_SERVICES: readonly Type<object>[] = [
  DiscoveryService,
  ManagementService,
  AccountService,
  RoleService,
  SessionService,
  EventService,
  PluginService,
  LockService,
  TaskService,
  LogService,
  DatastoreService,
  SettingsService,
  ScheduleService,
];

/** What the nodes of a cluster offer besides. */
export const CLUSTER_SERVICES: readonly Type<object>[] = [ClusterService];
