/** What etcd offers by the dispatcher: methods, their descriptions, who may call them. Decides nothing itself. */
export { generationService } from './generation-service.js';
export { fileService, groupService, managementService } from './other-services.js';
export { fileRows } from './rows.js';
