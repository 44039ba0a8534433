/**
 * Tasks at times: lines of cron in time zones, which times were done, and whoever submits what is due, as
 * the owner with the rights of that moment. Knows nothing of calls; the service `schedule` changes rows.
 */
export { CronLine } from './cron.js';
export { ScheduleRunner } from './schedule-runner.js';
export { ScheduleSeat } from './schedule-seat.js';
export { ScheduleStore } from './schedule-store.js';
export type { StoredSchedule } from './stored-schedule.js';
