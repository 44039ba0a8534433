/**
 * The services that every server offers, written with the same decorators as a plugin's. They reach
 * into the server through the dependencies they are constructed with.
 */
export { type AccountDependencies, AccountService } from './account.service.js';
export { type DiscoveryDependencies, DiscoveryService } from './discovery.service.js';
export { EventService, type EventServiceDependencies } from './event.service.js';
export { type ManagementDependencies, ManagementService } from './management.service.js';
export { RoleService } from './role.service.js';
export { type SessionDependencies, SessionService } from './session.service.js';
export { DataAnnouncer, type DataAnnouncerDependencies } from './data-announcer.js';
export { DatastoreService } from './datastore.service.js';
export { ExternalServices } from './external/external-services.js';
export { LogService } from './log.service.js';
export { LockService } from './lock.service.js';
export { LockMetrics } from './lock-metrics.js';
export { NamedLocks } from './named-locks.js';
export { PluginService } from './plugin.service.js';
export { SchemaAnnouncer } from './schema-announcer.js';
export { TaskService } from './task.service.js';
